//! Files of the sources name each other in one direction, so that one can be read without those above it. A file and
//! those in its folder may name each other.

use std::collections::{BTreeMap, BTreeSet};

use super::architecture::{none, root};
use super::source::{Source, read};

/// The circle that stays. A flow has steps, a step acts on a moment of a call, and a moment has the flow: what its names
/// mean, and what its prompts say.
const CORE: [&str; 5] = [
    "engine/flow.rs",
    "engine/moment.rs",
    "engine/render.rs",
    "engine/scope.rs",
    "engine/step.rs",
];

/// What defines a name that is handed on by `use` otherwise.
const DEFINES: [&str; 7] = ["fn", "struct", "enum", "trait", "const", "static", "type"];

/// The sources, and what each names.
struct Files {
    sources: Vec<Source>,
    /// The files of the modules.
    modules: BTreeMap<Vec<String>, usize>,
    /// The paths that each file names outside its tests, without the `crate` before them.
    names: Vec<Vec<Vec<String>>>,
}

impl Files {
    fn new(sources: Vec<Source>) -> Self {
        let sources: Vec<Source> = sources
            .into_iter()
            .filter(|source| !source.is_test() && !source.module.is_empty())
            .map(without_tests)
            .collect();
        let modules = sources.iter().enumerate();
        let modules: BTreeMap<_, _> = modules
            .map(|(at, source)| (source.module.clone(), at))
            .collect();
        let names = sources
            .iter()
            .map(|source| {
                let names = source.names().into_iter();
                names
                    .filter_map(|named| of_ours(&source.module, named.path, &modules))
                    .collect()
            })
            .collect();
        Self {
            sources,
            modules,
            names,
        }
    }

    /// The file that defines what a path names, followed through those that hand it on by `use`.
    fn defines(&self, path: &[String]) -> Option<usize> {
        let mut path = path.to_vec();
        for _ in 0..8 {
            let length = (1..=path.len())
                .rev()
                .find(|length| self.modules.contains_key(&path[..*length]))?;
            let file = self.modules[&path[..length]];
            let Some(name) = path.get(length) else {
                return Some(file);
            };
            let onward = self.names[file]
                .iter()
                .find(|other| other.last() == Some(name) && other[..] != path[..=length]);
            match onward.filter(|_| !self.is_defined_in(file, name)) {
                Some(onward) => path = [onward, &path[length + 1..]].concat(),
                None => return Some(file),
            }
        }
        None
    }

    fn is_defined_in(&self, file: usize, name: &str) -> bool {
        let text = &self.sources[file].text;
        DEFINES.iter().any(|kind| {
            let definition = format!("{kind} {name}");
            let mut found = text.match_indices(&definition);
            found.any(|(at, _)| {
                !text[at + definition.len()..]
                    .starts_with(|c: char| c.is_alphanumeric() || c == '_')
            })
        })
    }

    /// The files that a file names, but for those above it and in its folder.
    fn named_by(&self, file: usize) -> BTreeSet<usize> {
        let own = &self.sources[file].module;
        let found = self.names[file]
            .iter()
            .filter_map(|path| self.defines(path));
        found
            .filter(|other| {
                let other = &self.sources[*other].module;
                !other.starts_with(own) && !own.starts_with(other)
            })
            .collect()
    }

    /// Sets of files from each of which one can come to all others.
    fn circles(&self) -> BTreeSet<Vec<&str>> {
        let named: Vec<_> = (0..self.sources.len())
            .map(|file| self.named_by(file))
            .collect();
        let reached: Vec<_> = (0..named.len()).map(|from| reach(from, &named)).collect();
        let circle = |file: &usize| -> Vec<&str> {
            let both = reached[*file]
                .iter()
                .filter(|other| reached[**other].contains(file));
            both.map(|other| self.sources[*other].file.as_str())
                .collect()
        };
        let files = 0..named.len();
        files
            .filter(|file| reached[*file].contains(file))
            .map(|file| circle(&file))
            .collect()
    }
}

fn without_tests(source: Source) -> Source {
    let tests = source.text.find("#[cfg(test)]\nmod tests {");
    let end = tests.unwrap_or(source.text.len());
    Source {
        text: source.text[..end].to_owned(),
        ..source
    }
}

/// A path of our crate from its root: it begins with `crate`, or with a module in the file's folder.
fn of_ours(
    module: &[String],
    path: Vec<String>,
    modules: &BTreeMap<Vec<String>, usize>,
) -> Option<Vec<String>> {
    let first = path.first()?;
    if first == "crate" {
        return Some(path[1..].to_vec());
    }
    let child = [module, std::slice::from_ref(first)].concat();
    modules
        .contains_key(&child)
        .then(|| [module, &path[..]].concat())
}

fn reach(from: usize, named: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<usize> = named[from].iter().copied().collect();
    while let Some(file) = open.pop() {
        if reached.insert(file) {
            open.extend(&named[file]);
        }
    }
    reached
}

#[test]
fn files_name_each_other_in_one_direction() {
    let files = Files::new(read(&root().join("src")));
    let is_known = |circle: &Vec<&str>| circle.iter().all(|file| CORE.contains(file));
    let found = files.circles().into_iter();
    let found = found.filter(|circle| circle.len() > 2 && !is_known(circle));
    none(
        "circles of files",
        found.map(|circle| circle.join(" ")).collect(),
    );
}

#[test]
fn a_circle_is_found_through_what_a_folder_hands_on() {
    let source = |file: &str, text: &str| Source {
        file: format!("{file}.rs"),
        module: file.split('/').map(str::to_owned).collect(),
        text: text.to_owned(),
    };
    let files = Files::new(vec![
        source("a", "use crate::b::Deep;"),
        source(
            "b",
            "mod deep;\npub use deep::Deep;\nfn up() { deep::go() }",
        ),
        source("b/deep", "use super::Other;\npub struct Deep(crate::c::C);"),
        source("c", "pub struct C(crate::a::A);"),
        source(
            "d",
            "use crate::a::A;\n#[cfg(test)]\nmod tests {\n    use crate::e::E;\n}",
        ),
        source("e", "use crate::d::D;"),
    ]);
    let circles: Vec<_> = files.circles().into_iter().collect();
    assert_eq!(circles, [["a.rs", "b/deep.rs", "c.rs"]]);
}
