//! The contents of a node's box and of a way's label, and how large that makes them.

use super::super::{Arrow, Graph, Node, NodeKind};
use super::text::{Weight, fit, width, wrap};

/// The widest that words in a box may be, in pixels.
const WORDS_WIDTH: f64 = 214.0;
/// The most lines of them.
const WORDS_LINES: usize = 2;
const NAME_WIDTH: f64 = 200.0;
/// Room between a box and its text, on each side.
pub const PADDING: f64 = 14.0;
/// More of it where the sides are slanted, doubled or round.
const SIDES: f64 = 8.0;
/// The height of a line of a label.
pub const LABEL_LINE: f64 = 18.0;
/// The least width of a key on a label.
const KEY_WIDTH: f64 = 18.0;

pub const NAME: f64 = 14.0;
/// Of what a step says.
pub const WORDS: f64 = 12.0;
/// Of its marks, and of labels.
pub const MARK: f64 = 11.5;

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rect {
    pub x: f64,
    pub y: f64,
    /// How wide it is.
    pub width: f64,
    /// How high it is.
    pub height: f64,
}

impl Rect {
    /// The middle, from the left.
    pub fn middle(&self) -> f64 {
        self.x + self.width / 2.0
    }

    pub fn right(&self) -> f64 {
        self.x + self.width
    }

    /// The lower side.
    pub fn bottom(&self) -> f64 {
        self.y + self.height
    }

    /// Whether they have a place in common.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.x < other.right()
            && other.x < self.right()
            && self.y < other.bottom()
            && other.y < self.bottom()
    }
}

/// A piece of text in a box or a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub text: String,
    /// Its class, for styles.
    pub class: &'static str,
    /// Where it begins, from the left of its box.
    pub x: f64,
    /// Its base line, from the top of its box.
    pub y: f64,
    /// The size of its font.
    pub size: f64,
    pub weight: Weight,
    /// Whether it stands on a key.
    pub on_key: bool,
}

impl Text {
    fn new(text: impl Into<String>, class: &'static str, x: f64, y: f64, size: f64) -> Self {
        let weight = if matches!(class, "name" | "ends" | "key" | "count") {
            Weight::Bold
        } else {
            Weight::Regular
        };
        Self {
            text: text.into(),
            class,
            x,
            y,
            size,
            weight,
            on_key: class == "key",
        }
    }

    /// How wide it is at most.
    pub fn width(&self) -> f64 {
        width(&self.text, self.size, self.weight)
    }
}

/// Texts, and the room that they take.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Content {
    pub texts: Vec<Text>,
    /// The width of the box.
    pub width: f64,
    pub height: f64,
}

/// The contents of each node's box.
pub fn contents(graph: &Graph) -> Vec<Content> {
    graph
        .nodes
        .iter()
        .map(|node| {
            if node.is_step() {
                step(node)
            } else {
                pill(node)
            }
        })
        .collect()
}

fn pill(node: &Node) -> Content {
    let text = Text::new(node.name.clone(), "words", PADDING, 17.0, WORDS);
    Content {
        width: text.width() + 2.0 * PADDING,
        height: 26.0,
        texts: vec![text],
    }
}

fn step(node: &Node) -> Content {
    let pad = if matches!(node.kind, NodeKind::Step(role) if has_sides(role)) {
        PADDING + SIDES
    } else {
        PADDING
    };
    let mut y = 22.0;
    let name = Text::new(
        fit(&node.name, NAME_WIDTH, NAME, Weight::Bold),
        "name",
        pad,
        y,
        NAME,
    );
    let action = Text::new(
        node.action.clone(),
        "mark",
        pad + name.width() + 14.0,
        y,
        MARK,
    );
    let mut texts = vec![name, action];
    for line in wrap(&node.words, WORDS_WIDTH, WORDS, WORDS_LINES) {
        y += 17.0;
        texts.push(Text::new(line, "words", pad, y, WORDS));
    }
    let folded = fit(&node.folded.join(" · "), WORDS_WIDTH, MARK, Weight::Regular);
    let ending = node
        .ending
        .map(|ending| format!("■ {ending}"))
        .unwrap_or_default();
    let count = node
        .count
        .map(|count| count.to_string())
        .unwrap_or_default();
    for (line, class) in [(folded, "mark"), (ending, "ends"), (count, "count")] {
        if !line.is_empty() {
            y += 17.0;
            texts.push(Text::new(line, class, pad, y, MARK));
        }
    }
    let widest = texts
        .iter()
        .map(|text| text.x + text.width())
        .fold(110.0, f64::max);
    let width = (widest + pad).ceil();
    // The action stands at the right.
    texts[1].x = width - pad - texts[1].width();
    Content {
        texts,
        width,
        height: y + 12.0,
    }
}

fn has_sides(role: super::super::Role) -> bool {
    use super::super::Role;
    matches!(
        role,
        Role::Chooses | Role::Submits | Role::Subflow | Role::HandsOn
    )
}

/// What stands on a way: a line for each thing that takes it, keys drawn as keys, and the count.
pub fn label(way: &Arrow) -> Content {
    let mut content = Content::default();
    let count = way.count.map(|count| count.to_string());
    let lines = way
        .lines
        .iter()
        .map(|line| (line.keys.as_str(), line.words.as_str(), "words"));
    for (keys, words, class) in lines.chain(count.as_deref().map(|count| ("", count, "count"))) {
        let (top, mut x) = (content.height, 4.0);
        if !keys.is_empty() {
            let mut key = Text::new(keys, "key", x, top + 13.0, MARK);
            let room = (key.width() + 10.0).max(KEY_WIDTH);
            key.x = x + (room - key.width()) / 2.0;
            content.texts.push(key);
            x += room + 5.0;
        }
        if !words.is_empty() {
            let text = Text::new(words, class, x, top + 13.0, MARK);
            x += text.width() + 4.0;
            content.texts.push(text);
        }
        content.width = content.width.max(x.ceil());
        content.height += LABEL_LINE;
    }
    content
}
