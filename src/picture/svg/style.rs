//! The colours, light and dark.

use std::fmt::Write;

/// Which colours are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// Those that the reader's screen prefers; light ones where nobody asks it.
    #[default]
    Auto,
    Light,
    Dark,
}

/// Colours: what a class of elements is filled with, and what its lines are drawn with.
type Colours = [(&'static str, &'static str, &'static str); 20];

const LIGHT: Colours = [
    (".paper", "#ffffff", "none"),
    (".title,.name", "#1f2328", "none"),
    (".words", "#3d444d", "none"),
    (".mark,.note", "#59636e", "none"),
    (".ends", "#1f2328", "none"),
    (".says>.box,.works>.box", "#f6f8fa", "#848d97"),
    (".asks>.box", "#e3f2ff", "#2f81d6"),
    (".chooses>.box", "#fff6d6", "#b08800"),
    (".submits>.box", "#e2f7e6", "#2da44e"),
    (".hands-on>.box", "#f5ebff", "#9a61d6"),
    (".subflow>.box", "#fff0e3", "#d4700f"),
    (".event>.box,.end>.box,.sign>.box", "#ffffff", "#848d97"),
    (".way>.line", "none", "#6e7781"),
    (".way>.head", "#6e7781", "none"),
    (".happy>.line", "none", "#1f2328"),
    (".happy>.head", "#1f2328", "none"),
    (".cap", "#ffffff", "#6e7781"),
    (".key", "#1f2328", "none"),
    (".taken>.line,.taken>.box", "", "#1a7f37"),
    (".untaken>.line,.untaken>.box", "", "#cf222e"),
];

const DARK: Colours = [
    (".paper", "#0d1117", "none"),
    (".title,.name", "#f0f6fc", "none"),
    (".words", "#d1d7e0", "none"),
    (".mark,.note", "#9198a1", "none"),
    (".ends", "#f0f6fc", "none"),
    (".says>.box,.works>.box", "#1a2028", "#7d8590"),
    (".asks>.box", "#0f2742", "#4493f8"),
    (".chooses>.box", "#2e2708", "#d29922"),
    (".submits>.box", "#0f2d19", "#3fb950"),
    (".hands-on>.box", "#271b3d", "#ab7df8"),
    (".subflow>.box", "#331f0c", "#f0883e"),
    (".event>.box,.end>.box,.sign>.box", "#0d1117", "#7d8590"),
    (".way>.line", "none", "#8b949e"),
    (".way>.head", "#8b949e", "none"),
    (".happy>.line", "none", "#f0f6fc"),
    (".happy>.head", "#f0f6fc", "none"),
    (".cap", "#0d1117", "#8b949e"),
    (".key", "#f0f6fc", "none"),
    (".taken>.line,.taken>.box", "", "#3fb950"),
    (".untaken>.line,.untaken>.box", "", "#ff7b72"),
];

/// Shapes and text, whatever the colours.
const SHAPES: &str = ".hookswitch-graph{font-family:system-ui,-apple-system,'Segoe UI',sans-serif}\
.hookswitch-graph .name,.hookswitch-graph .title,.hookswitch-graph .ends,.hookswitch-graph .key,\
.hookswitch-graph .count{font-weight:600}\
.hookswitch-graph .box{stroke-width:1.3}\
.hookswitch-graph .ending>.box{stroke-width:3}\
.hookswitch-graph .event>.box{stroke-dasharray:4 3}\
.hookswitch-graph .line{stroke-width:1.4}\
.hookswitch-graph .happy>.line{stroke-width:2.4}\
.hookswitch-graph .trouble>.line{stroke-dasharray:5 4}\
.hookswitch-graph .untaken>.line,.hookswitch-graph .untaken>.box{stroke-dasharray:2 4}\
.hookswitch-graph .taken>.line{stroke-width:2.4}";

/// The style sheet of a theme. Plain colours by class, no variables: programs that turn SVG into other formats know
/// no more of CSS.
pub fn sheet(theme: Theme) -> String {
    let mut sheet = SHAPES.to_owned();
    match theme {
        Theme::Auto => {
            colours(&LIGHT, &mut sheet);
            sheet.push_str("@media (prefers-color-scheme:dark){");
            colours(&DARK, &mut sheet);
            sheet.push('}');
        }
        Theme::Light => colours(&LIGHT, &mut sheet),
        Theme::Dark => colours(&DARK, &mut sheet),
    }
    sheet
}

fn colours(colours: &Colours, sheet: &mut String) {
    for (classes, fill, stroke) in colours {
        let selectors: Vec<String> = classes
            .split(',')
            .map(|class| format!(".hookswitch-graph {class}"))
            .collect();
        let _ = write!(sheet, "{}{{", selectors.join(","));
        if !fill.is_empty() {
            let _ = write!(sheet, "fill:{fill};");
        }
        let _ = write!(sheet, "stroke:{stroke}}}");
        // A count and the arrow's head have the colour of their line.
        if fill.is_empty() {
            let of = classes.split('>').next().unwrap_or_default();
            let _ = write!(
                sheet,
                ".hookswitch-graph {of}>.head,.hookswitch-graph {of} .count{{fill:{stroke};stroke:none}}"
            );
        }
    }
}
