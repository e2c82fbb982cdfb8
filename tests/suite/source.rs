//! Rust sources as tokens, for tests that read what a file names: comments and the insides of texts are left out.

use std::path::{Path, PathBuf};

/// One source file.
pub struct Source {
    /// Where it is, below the folder that was read.
    pub file: String,
    /// Its modules, from the crate's root: `["web", "flows", "folder"]`.
    pub module: Vec<String>,
    /// Its text.
    pub text: String,
}

/// A path in a source, such as `["crate", "store", "Row"]`, and its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The line, from 1.
    pub line: usize,
    /// The path's parts, `super` and `self` worked out.
    pub path: Vec<String>,
}

/// A word or a sign.
#[derive(Clone, Debug)]
struct Token {
    line: usize,
    text: String,
}

/// Every `.rs` file below a folder, in order.
pub fn read(folder: &Path) -> Vec<Source> {
    let mut files = Vec::new();
    list(folder, &mut files);
    files.sort();
    let source = |path: PathBuf| {
        let file = path
            .strip_prefix(folder)
            .expect("it was found there")
            .display()
            .to_string();
        let text = std::fs::read_to_string(&path).expect("sources are text");
        Source {
            module: module(&file),
            file,
            text,
        }
    };
    files.into_iter().map(source).collect()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            list(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

/// The module of a file: `web/flows/mod.rs` is `web::flows`.
fn module(file: &str) -> Vec<String> {
    let mut module: Vec<String> = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if module
        .last()
        .is_some_and(|last| matches!(last.as_str(), "mod" | "lib"))
    {
        module.pop();
    }
    module
}

impl Source {
    /// The room that it belongs to: its first module, and for the binary `main`.
    pub fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    /// Whether it holds tests only.
    pub fn is_test(&self) -> bool {
        self.module.iter().any(|module| module == "tests")
    }

    /// Every path that it names, in code: those of `use`, its groups taken apart, and those within expressions.
    pub fn names(&self) -> Vec<Named> {
        Reader {
            tokens: tokens(&self.text),
            at: 0,
            inner: Vec::new(),
            depth: 0,
            module: &self.module,
            found: Vec::new(),
        }
        .read()
    }

    /// Every macro that it calls, without the `!`.
    pub fn macros(&self) -> Vec<Named> {
        let tokens = tokens(&self.text);
        let calls = tokens
            .windows(2)
            .filter(|pair| is_word(&pair[0].text) && pair[1].text == "!");
        calls
            .map(|pair| Named {
                line: pair[0].line,
                path: vec![pair[0].text.clone()],
            })
            .collect()
    }
}

struct Reader<'a> {
    tokens: Vec<Token>,
    at: usize,
    /// The inline modules that we are in, each with the depth of its braces.
    inner: Vec<(String, usize)>,
    depth: usize,
    module: &'a [String],
    found: Vec<Named>,
}

impl Reader<'_> {
    fn read(mut self) -> Vec<Named> {
        while self.at < self.tokens.len() {
            let word = self.text(0).to_owned();
            match word.as_str() {
                "{" => self.depth += 1,
                "}" => {
                    self.depth = self.depth.saturating_sub(1);
                    self.inner.retain(|(_, depth)| *depth < self.depth + 1);
                }
                "mod" if self.text(2) == "{" => {
                    self.inner.push((self.text(1).to_owned(), self.depth + 1));
                }
                _ if is_word(&word) && self.text(1) == "::" => {
                    self.path(Vec::new());
                    continue;
                }
                // A crate that is brought in whole.
                "use" if self.text(2) == ";" => self.found.push(Named {
                    line: self.line(),
                    path: vec![self.text(1).to_owned()],
                }),
                _ => {}
            }
            self.at += 1;
        }
        self.found
    }

    fn text(&self, ahead: usize) -> &str {
        self.tokens
            .get(self.at + ahead)
            .map_or("", |token| &token.text)
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    /// Reads a path from here on; `before` is what stands before a group's brace.
    fn path(&mut self, before: Vec<String>) {
        let line = self.line();
        let mut path = before;
        loop {
            if self.text(0) == "{" {
                self.at += 1;
                while !matches!(self.text(0), "}" | "") {
                    self.path(path.clone());
                    self.at += usize::from(self.text(0) == ",");
                }
                self.at += 1;
                return;
            }
            if !is_word(self.text(0)) && self.text(0) != "*" {
                // What follows is no part of the path: `::<T>`, or something unforeseen that must not stop us.
                self.at += usize::from(path.is_empty());
                break;
            }
            path.push(self.text(0).to_owned());
            self.at += 1;
            if self.text(0) != "::" {
                break;
            }
            self.at += 1;
        }
        if self.text(0) == "as" {
            self.at += 2;
        }
        let path = self.absolute(path);
        self.found.push(Named { line, path });
    }

    /// A path from the crate's root, where it begins with `self` or `super`.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        if !matches!(path.first().map(String::as_str), Some("self" | "super")) {
            return path;
        }
        let mut from: Vec<String> = self
            .module
            .iter()
            .chain(self.inner.iter().map(|(name, _)| name))
            .cloned()
            .collect();
        let climbs = path
            .iter()
            .take_while(|part| matches!(part.as_str(), "self" | "super"))
            .count();
        for part in &path[..climbs] {
            if part == "super" {
                from.pop();
            }
        }
        std::iter::once("crate".to_owned())
            .chain(from)
            .chain(path[climbs..].iter().cloned())
            .collect()
    }
}

fn is_word(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words and signs; comments, lifetimes and the insides of texts are left out.
fn tokens(source: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let length = skipped(rest).unwrap_or_else(|| {
            let word = rest.len()
                - rest
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                    .len();
            let length = if word > 0 {
                word
            } else if rest.starts_with("::") {
                2
            } else {
                first.len_utf8()
            };
            tokens.push(Token {
                line,
                text: rest[..length].to_owned(),
            });
            length
        });
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    tokens
}

/// How much of what comes next is no code: white space, a comment, a text, a character, a lifetime.
fn skipped(rest: &str) -> Option<usize> {
    let white = rest.len() - rest.trim_start().len();
    if white > 0 {
        return Some(white);
    }
    if rest.starts_with("//") {
        return Some(rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return Some(rest.find("*/").map_or(rest.len(), |end| end + 2));
    }
    let raw = rest.trim_start_matches(['b', 'r']);
    let hashes = raw.len() - raw.trim_start_matches('#').len();
    if rest.starts_with('r') || rest.starts_with("br") {
        let prefix = rest.len() - raw.len();
        if prefix <= 2 && raw[hashes..].starts_with('"') {
            let close = format!("\"{}", "#".repeat(hashes));
            let open = prefix + hashes + 1;
            return Some(
                rest[open..]
                    .find(&close)
                    .map_or(rest.len(), |end| open + end + close.len()),
            );
        }
    }
    let quoted = rest
        .strip_prefix('b')
        .filter(|text| text.starts_with(['"', '\'']))
        .unwrap_or(rest);
    let prefix = rest.len() - quoted.len();
    match quoted.chars().next() {
        Some('"') => Some(prefix + text_length(quoted)),
        Some('\'') => Some(prefix + tick_length(quoted)),
        _ => None,
    }
}

/// The length of a text, quotes included.
fn text_length(quoted: &str) -> usize {
    let mut escaped = false;
    for (at, c) in quoted.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    quoted.len()
}

/// The length of a character, quotes included, or of a lifetime's tick and name.
fn tick_length(quoted: &str) -> usize {
    let mut inside = quoted[1..].chars();
    match (inside.next(), inside.next()) {
        (Some('\\'), Some(escaped)) => {
            let from = 2 + escaped.len_utf8();
            quoted[from..]
                .find('\'')
                .map_or(quoted.len(), |end| from + end + 1)
        }
        (Some(c), Some('\'')) => 2 + c.len_utf8(),
        _ => {
            let name = &quoted[1..];
            1 + name.len()
                - name
                    .trim_start_matches(|c: char| c.is_alphanumeric() || c == '_')
                    .len()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn names(text: &str) -> Vec<String> {
        let module = vec!["web".to_owned(), "app".to_owned()];
        let source = Source {
            file: "web/app.rs".to_owned(),
            module,
            text: text.to_owned(),
        };
        source
            .names()
            .into_iter()
            .map(|named| named.path.join("::"))
            .collect()
    }

    #[test]
    fn paths_are_found_in_uses_groups_and_expressions() {
        let text = "use crate::{store::{self, Row as R}, engine::*};\nfn f() { let x = crate::twiml::render::<u8>(); }";
        assert_eq!(
            names(text),
            [
                "crate::store::self",
                "crate::store::Row",
                "crate::engine::*",
                "crate::twiml::render"
            ]
        );
    }

    #[test]
    fn comments_texts_and_characters_name_nothing() {
        let text = "// crate::a::b\n/* crate::a::b */ /// crate::a\nlet x = \"crate::a::\\\"b\"; let r = r#\"a::\"b\"#; \
                    let c = '\"'; let d = '\\''; fn g<'a>(x: &'a str) { std::env::var(x) }";
        assert_eq!(names(text), ["std::env::var"]);
    }

    #[test]
    fn a_way_up_is_followed_to_the_root() {
        let text = "use super::cache::Cache; use super::super::store::Row; mod tests { use super::super::cache; } \
                    fn h() { super::super::engine::advance() }";
        assert_eq!(
            names(text),
            [
                "crate::web::cache::Cache",
                "crate::store::Row",
                "crate::web::cache",
                "crate::engine::advance"
            ]
        );
    }
}
