#![expect(
    clippy::too_many_lines,
    reason = "a scenario or a table is read from top to bottom"
)]

use std::collections::BTreeSet;
use std::fmt::Write;

use super::svg::{Drawing, Rect, Segment, Theme};
use super::*;
use crate::engine::flow::Bundle;
use crate::engine::load::{Loaded, load};

/// Chance that is the same at every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        // The steps of a xorshift generator, by Marsaglia.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

const WORDS: [&str; 8] = [
    "To talk to somebody about an invoice press 1.",
    "Please hold the line.",
    "Въведете номера на пратката и натиснете диез.",
    "MMMMMMMM WWWWWWWW @@ %% MMMMMMMM WWWWWWWW MMMMMMMM",
    "<b>bold</b> & \\\"quoted\\\" `code` {{ call.from }}",
    "郵便番号を入力してください。郵便番号を入力してください。",
    "One\\ntwo\\tthree \\u0007 ]]> -->",
    "Averyveryverylongwordthatnobodyeverbreaksbutthatstandsinaprompt",
];

/// A flow as somebody might write it: mostly onwards, with side ways, ways back and ends.
pub fn generated(steps: usize, seed: u64) -> String {
    let mut chance = Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut out = String::from(
        "title = \"Generated <&> \\\"flow\\\"\"\ngive_up = \"s1\"\n[anywhere]\n\"*\" = \"repeat\"\n",
    );
    if seed.is_multiple_of(3) {
        out.push_str("9 = \"back\"\n");
    }
    let _ = writeln!(out, "[on]\nerror = \"s{}\"", steps - 1);
    for at in 0..steps {
        let words = WORDS[chance.below(WORDS.len())];
        let target = |chance: &mut Chance| match chance.below(12) {
            0 => "hangup".to_owned(),
            1 => format!("s{}", chance.below(at + 1)),
            2..=4 => format!("s{}", (at + 1 + chance.below(9)).min(steps - 1)),
            _ => format!("s{}", (at + 1 + chance.below(3)).min(steps - 1)),
        };
        let next = if at + 1 < steps {
            format!("s{}", at + 1)
        } else {
            "hangup".to_owned()
        };
        let _ = writeln!(out, "[steps.s{at}]");
        match chance.below(7) {
            0 | 1 => {
                let _ = writeln!(out, "menu = \"{words}\"\nkeys.1 = \"{next}\"");
                for key in 2..2 + chance.below(5) {
                    let _ = writeln!(out, "keys.{key} = \"{}\"", target(&mut chance));
                }
            }
            2 => {
                let _ = writeln!(
                    out,
                    "ask = \"{words}\"\ninto = \"a{at}\"\ndigits = 4\nnext = \"{next}\""
                );
                if chance.below(2) == 0 {
                    let _ = writeln!(out, "give_up = \"{}\"", target(&mut chance));
                }
            }
            3 => {
                let _ = writeln!(
                    out,
                    "dial = \"+442079460000\"\non.unanswered = \"{}\"\nnext = \"{next}\"",
                    target(&mut chance)
                );
            }
            4 => {
                let when = "call.direction == 'inbound' and call.from != '+442079460000'";
                let _ = writeln!(
                    out,
                    "branch = [{{ when = \"{when}\", next = \"{}\" }}, {{ next = \"{next}\" }}]",
                    target(&mut chance)
                );
            }
            5 => {
                let _ = writeln!(out, "submit = \"pickups\"\nnext = \"{next}\"");
            }
            _ => {
                let _ = writeln!(out, "say = \"{words}\"\nnext = \"{next}\"");
            }
        }
    }
    out
}

fn loaded(source: &str) -> Loaded {
    let bundle = Bundle {
        name: "test".to_owned(),
        file: "test.toml".into(),
        source: source.to_owned(),
        ..Bundle::default()
    };
    load(&bundle).unwrap_or_else(|diags| panic!("it loads: {diags:?}\n{source}"))
}

fn graph(source: &str) -> Graph {
    let loaded = loaded(source);
    Graph::new(&loaded.flow, &loaded.bundle)
}

fn way<'a>(graph: &'a Graph, from: &str, to: &str) -> &'a Arrow {
    let named = |place: usize| graph.nodes[place].name.as_str();
    graph
        .ways
        .iter()
        .find(|way| named(way.from) == from && named(way.to) == to)
        .expect("there is such a way")
}

/// Points along a path, close enough to each other that nothing is missed between them.
fn along(path: &super::svg::Path) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    let (mut x, mut y) = path.start;
    for piece in &path.pieces {
        let (to_x, to_y) = piece.end();
        for step in 0..=40 {
            let part = f64::from(step) / 40.0;
            let eased = match piece {
                Segment::Line(..) => part,
                // The cubic whose handles stand upright at half height.
                Segment::Curve(..) => part * part * (3.0 - 2.0 * part),
            };
            let down = match piece {
                Segment::Line(..) => part,
                Segment::Curve(..) => {
                    let (one, two) = (
                        3.0 * part * (1.0 - part).powi(2),
                        3.0 * part * part * (1.0 - part),
                    );
                    0.5 * one + 0.5 * two + part.powi(3)
                }
            };
            points.push((x + (to_x - x) * eased, y + (to_y - y) * down));
        }
        (x, y) = (to_x, to_y);
    }
    points
}

fn inside(rect: &Rect, (x, y): (f64, f64)) -> bool {
    x > rect.x + 0.5 && x < rect.right() - 0.5 && y > rect.y + 0.5 && y < rect.bottom() - 0.5
}

#[track_caller]
fn assert_tidy(graph: &Graph, what: &str) {
    let drawing = Drawing::new(graph);
    let labels: Vec<_> = drawing
        .labels
        .iter()
        .enumerate()
        .filter(|(_, (rect, _))| rect.width > 0.0)
        .collect();
    let page = Rect {
        x: 0.0,
        y: 0.0,
        width: drawing.width,
        height: drawing.height,
    };
    let all = drawing
        .boxes
        .iter()
        .chain(labels.iter().map(|(_, label)| *label));
    for (place, (rect, content)) in all.clone().enumerate() {
        assert!(
            rect.x >= 0.0
                && rect.right() <= page.width
                && rect.y >= 0.0
                && rect.bottom() <= page.height,
            "{what}"
        );
        for (other, _) in all.clone().skip(place + 1) {
            assert!(
                !rect.overlaps(other),
                "{what}: {rect:?} and {other:?} overlap"
            );
        }
        for text in &content.texts {
            assert!(
                text.x >= 0.0 && text.x + text.width() <= rect.width + 0.01,
                "{what}: {text:?} leaves its box"
            );
            assert!(
                text.y - text.size * 0.8 >= 0.0 && text.y + 2.0 <= rect.height,
                "{what}: {text:?} leaves its box"
            );
        }
    }
    for (place, path) in drawing.paths.iter().enumerate() {
        for point in along(path) {
            for (rect, _) in &drawing.boxes {
                assert!(
                    !inside(rect, point),
                    "{what}: way {place} runs through {rect:?} at {point:?}"
                );
            }
            for (other, (rect, _)) in &labels {
                assert!(
                    place == *other || !inside(rect, point),
                    "{what}: way {place} runs through the label {other}"
                );
            }
        }
    }
    for line in &drawing.heading {
        assert!(line.x + line.width() <= drawing.width, "{what}: {line:?}");
    }
}

#[test]
fn nothing_in_a_picture_lies_on_anything_else() {
    for seed in 1..=30 {
        let steps = 4 + (seed as usize * 7) % 60;
        assert_tidy(
            &graph(&generated(steps, seed)),
            &format!("{steps} steps of seed {seed}"),
        );
    }
}

#[test]
fn the_way_that_goes_well_is_one_straight_line() {
    for seed in 1..=10 {
        let graph = graph(&generated(25, seed));
        let drawing = Drawing::new(&graph);
        let well: BTreeSet<i64> = drawing
            .boxes
            .iter()
            .zip(&graph.nodes)
            .filter(|(_, node)| node.happy)
            .map(|((rect, _), _)| rect.middle() as i64)
            .collect();
        assert!(well.len() == 1, "seed {seed}: {well:?}");
    }
}

#[test]
fn a_flow_is_drawn_the_same_every_time() {
    let source = generated(60, 7);
    let first = Drawing::new(&graph(&source)).svg(Theme::Auto);
    for _ in 0..5 {
        assert!(first == Drawing::new(&graph(&source)).svg(Theme::Auto));
    }
}

const SHOP: &str = r#"
title   = "Shop"
give_up = "person"
[answers]
size = { one_of = ["small", "large", "huge"] }
[steps.size]
menu   = "@ask"
into   = "size"
keys.1 = { value = "small", next = "many" }
keys.2 = { value = "large", next = "many" }
keys.3-5 = "person"
keys.0 = "person"
keys.7 = "repeat"
keys.8 = "size"
keys.9 = "hangup"
give_up = { silent = "person", wrong = "bye" }
[steps.many]
branch = [{ when = "size == 'small'", next = "bye" }, { next = "person" }]
[steps.person]
dial = "+442079460000"
on.busy = "bye"
on.unanswered = "bye"
next = "hangup"
[steps.bye]
say = "Good <b>bye</b>, {{ size if size is defined else 'you' }}."
next = "hangup"
[steps.left]
submit = { to = "pickups", partial = true }
next = "hangup"
[on]
hangup = "left"
error  = "bye"
[anywhere]
"*" = "repeat"
6 = "person"
[prompts]
ask = "How large?"
"#;

#[test]
fn what_leads_to_one_place_is_one_way_with_keys_in_runs_and_what_they_mean() {
    let graph = graph(SHOP);
    let many = way(&graph, "size", "many");
    assert_eq!(many.on, ["keys.1", "keys.2"]);
    assert_eq!(many.texts(), ["key 1: small", "key 2: large"]);
    let person = way(&graph, "size", "person");
    assert_eq!(person.texts(), ["keys 3–5, 0", "out of attempts, silent"]);
    assert_eq!(way(&graph, "size", "bye").manner, ArrowStyle::Trouble);
    assert_eq!(way(&graph, "many", "bye").texts(), ["size == 'small'"]);
    assert_eq!(way(&graph, "person", "bye").texts(), ["busy", "unanswered"]);
    assert_eq!(way(&graph, "person", "hangs up").texts(), ["answered"]);
}

#[test]
fn what_leads_back_is_a_mark_and_what_is_so_everywhere_is_told_once() {
    let graph = graph(SHOP);
    assert_eq!(graph.nodes[0].folded, ["7 repeat", "8 again"]);
    assert_eq!(graph.nodes[0].words, "How large?");
    assert_eq!(graph.notes, ["At any question * repeats."]);
    assert_eq!(
        way(&graph, "6 at any question", "person").on,
        ["anywhere.6"]
    );
    assert_eq!(way(&graph, "a step fails", "bye").on, ["on.error"]);
    assert_eq!(
        way(&graph, "caller hangs up early", "left").on,
        ["on.hangup"]
    );
    // Both ways of giving up are the step's own.
    assert!(
        graph
            .nodes
            .iter()
            .all(|node| node.name != "out of attempts")
    );
}

#[test]
fn steps_are_told_apart_by_what_they_are_and_whether_the_call_ends_there() {
    let graph = graph(SHOP);
    let roles: Vec<_> = graph
        .nodes
        .iter()
        .take(5)
        .map(|node| (node.kind, node.ending.is_some()))
        .collect();
    let step = |role, ends| (NodeKind::Step(role), ends);
    let submits = step(Role::Submits, true);
    assert_eq!(
        roles,
        [
            step(Role::Asks, false),
            step(Role::Chooses, false),
            step(Role::HandsOn, false),
            step(Role::Says, true),
            submits
        ]
    );
    let happy: Vec<_> = graph
        .nodes
        .iter()
        .filter(|node| node.happy)
        .map(|node| node.name.as_str())
        .collect();
    // Somebody is better than an end by which nothing comes of the call.
    let wanted = ["size", "many", "person", "hangs up", "call comes in"];
    assert_eq!(happy, wanted);
}

#[test]
fn counts_of_calls_stand_on_steps_and_ways() {
    let json = r#"{"flows": [{"flow": "test",
        "steps": [{"step": "size", "line": 6, "taken": true}, {"step": "many", "count": 2}],
        "edges": [
            {"step": "size", "on": "keys.1", "to": "many", "count": 1},
            {"step": "size", "on": "keys.2", "to": "many", "count": 1},
            {"step": "many", "on": "otherwise", "to": "person", "line": 9, "taken": true},
            {"step": "", "on": "anywhere.6", "to": "person", "count": 4}]}]}"#;
    let graph = graph(SHOP).counted(&Counts::parse(json, "test").expect("it is sound"));
    assert_eq!(
        (graph.nodes[0].count, graph.nodes[3].count),
        (Some(Count::Taken), Some(Count::NEVER))
    );
    assert_eq!(way(&graph, "many", "person").count, Some(Count::Taken));
    assert_eq!(way(&graph, "size", "many").count, Some(Count::Times(2)));
    assert_eq!(way(&graph, "size", "bye").count, Some(Count::NEVER));
    assert_eq!(
        way(&graph, "6 at any question", "person").count,
        Some(Count::Times(4))
    );
    // No caller can choose these.
    assert_eq!(way(&graph, "a step fails", "bye").count, None);
    assert_tidy(&graph, "with counts");
    let svg = Drawing::new(&graph).svg(Theme::Light);
    assert!(svg.contains("2×") && svg.contains("untaken") && !svg.contains("prefers-color-scheme"));
    assert!(matches!(
        Counts::parse(json, "other"),
        Err(InvalidCounts::Flow(_))
    ));
    assert!(matches!(
        Counts::parse("[]", "test"),
        Err(InvalidCounts::Json(_))
    ));
}

#[test]
fn an_svg_is_xml_with_every_step_and_every_way_and_the_authors_words_as_text() {
    let graph = graph(&generated(40, 5));
    let svg = Drawing::new(&graph).svg(Theme::Auto);
    let document = roxmltree::Document::parse(&svg).expect("it is XML");
    let elements = || document.descendants().filter(roxmltree::Node::is_element);
    for node in graph.nodes.iter().filter(|node| node.is_step()) {
        let id = format!("step-{}", node.name);
        assert_eq!(
            elements()
                .filter(|element| element.attribute("id") == Some(&id))
                .count(),
            1,
            "{id}"
        );
    }
    for (place, way) in graph.ways.iter().enumerate() {
        let (from, to, on) = (
            graph.file_name(way.from),
            graph.file_name(way.to),
            way.on.join(" "),
        );
        let drawn = elements().filter(|element| {
            element.attribute("data-from") == Some(from)
                && element.attribute("data-to") == Some(to)
                && element.attribute("data-on") == Some(&on)
        });
        assert_eq!(drawn.count(), 1, "{place}: {from} {on} {to}");
    }
    assert!(elements().all(|element| !["b", "i", "script"].contains(&element.tag_name().name())));
    let root = document.root_element();
    assert_eq!(
        (root.attribute("role"), root.attribute("aria-label")),
        (Some("img"), Some("Generated <&> \"flow\""))
    );
    assert_eq!(
        root.first_element_child()
            .map(|title| title.tag_name().name()),
        Some("title")
    );
}

#[test]
fn a_large_flow_has_its_long_ways_cut_and_is_as_tidy() {
    let graph = graph(&generated(125, 9));
    let drawing = Drawing::new(&graph);
    assert!(
        drawing
            .graph
            .nodes
            .iter()
            .any(|node| matches!(node.kind, NodeKind::Sign(_)))
    );
    assert_tidy(&graph, "125 steps");
    let to = |graph: &Graph| -> Vec<String> {
        graph
            .ways
            .iter()
            .map(|way| graph.file_name(way.to).to_owned())
            .collect()
    };
    assert_eq!(
        to(&graph),
        to(&drawing.graph),
        "what is cut still says where it leads"
    );
}

#[test]
fn a_step_that_many_lead_to_from_afar_is_named_instead_of_drawn_to() {
    let signs = |menus: usize| {
        let menu = |at: usize| {
            format!(
                "[steps.m{at}]\nmenu = \"On, or a person?\"\nkeys.1 = \"m{}\"\ngive_up = \"person\"\n",
                at + 1
            )
        };
        let menus_text: String = (0..menus).map(menu).collect();
        let end = format!("[steps.m{menus}]\nsay = \"Bye.\"\nnext = \"hangup\"\n");
        let graph = graph(&format!(
            "{menus_text}{end}[steps.person]\ndial = \"+442079460000\"\nnext = \"hangup\"\n"
        ));
        let drawing = Drawing::new(&graph);
        drawing
            .graph
            .nodes
            .iter()
            .filter(|node| matches!(node.kind, NodeKind::Sign(_)))
            .count()
    };
    assert_eq!(signs(4), 0, "a small flow is drawn whole");
    assert!(signs(12) >= 7, "{}", signs(12));
}

#[test]
fn text_that_is_too_wide_is_cut_between_words() {
    let graph = graph(&SHOP.replace("How large?", &"wide words ".repeat(40)));
    let svg = Drawing::new(&graph).svg(Theme::Auto);
    assert!(
        svg.contains("wide words…") || svg.contains("wide…"),
        "{svg}"
    );
}

#[test]
fn a_flow_that_is_gone_through_is_one_step_until_it_is_unfolded() {
    let mut kinds = crate::engine::steps::KINDS.iter();
    let kind = kinds.find(|kind| kind.name == "flow");
    let example = kind.expect("the action is there").example;
    let loaded = load(&crate::engine::tests::phone::bundle(example)).expect("it loads");
    let folded = Graph::new(&loaded.flow, &loaded.bundle);
    let steps = |graph: &Graph| -> Vec<String> {
        let steps = graph.nodes.iter().filter(|node| node.is_step());
        steps.map(|node| node.name.clone()).collect()
    };
    assert_eq!(steps(&folded), ["number", "again", "send", "bye", "sorry"]);
    assert_eq!(way(&folded, "number", "again").on, ["next"]);
    assert_eq!(way(&folded, "number", "send").on, ["on.refused"]);
    let unfolded = Graph::unfolded(&loaded.flow, &loaded.bundle);
    let inner = ["number/number", "number/return", "number/return.refused"];
    assert!(steps(&unfolded).ends_with(&inner.map(str::to_owned)));
    let asks = unfolded.nodes.iter().find(|node| node.name == inner[0]);
    let asks = asks.expect("it is drawn");
    assert!(
        asks.words.starts_with("Please enter your number"),
        "{}",
        asks.words
    );
}
