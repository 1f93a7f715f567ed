//! The section about the tokens of each tool, with a treemap and a table.

use jackfield_build::model::Effect;
use maud::{Markup, html};

use super::subject::Subject;
use super::tool::Tool;
use super::treemap::{Rectangle, layout};
use super::words::{EFFECTS, effect_mark, line};
use crate::inspect::grouped;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 420.0;
/// The space between the areas of different effects.
const GAP: f64 = 4.0;
/// The maximum number of tools in the treemap. The largest tools are shown.
const MOST: usize = 3_000;
/// The number of tools in the table.
const DEAREST: usize = 12;
/// The height of a label.
const LABEL_HEIGHT: f64 = 16.0;
/// The width of a character in a label.
const CHARACTER: f64 = 6.7;
/// The minimum number of letters of a label. A shorter label would not be useful.
const FEWEST_LETTERS: usize = 8;

pub(super) fn section(subject: &Subject) -> Markup {
    let mut dearest: Vec<(usize, &Tool)> = subject.tools.iter().enumerate().collect();
    dearest.sort_by(|a, b| b.1.tokens.cmp(&a.1.tokens).then(a.0.cmp(&b.0)));
    html! {
        section aria-labelledby="tokens" {
            h2 id="tokens" { "Tokens" }
            p {
                "A model that gets the whole list gets " (grouped(subject.inspection.tokens))
                " tokens (o200k) with each conversation. The area of a tool is proportional to its tokens."
            }
            p.legend { @for effect in EFFECTS { (effect_mark(effect)) " " (grouped(tokens_of(subject, effect))) " " } }
            (treemap(subject, &dearest))
            details open[subject.tools.len() > DEAREST] {
                summary { "The largest tools" }
                table.counts {
                    thead { tr { th scope="col" { "Tool" } th scope="col" { "Effect" } th scope="col" { "Tokens" } } }
                    tbody {
                        @for (at, tool) in dearest.iter().take(DEAREST) {
                            tr {
                                th scope="row" { a href={ "#t" (at) } { (line(&tool.name)) } }
                                td { (effect_mark(tool.effect)) }
                                td { (grouped(tool.tokens)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn tokens_of(subject: &Subject, effect: Effect) -> usize {
    subject.tools.iter().filter(|tool| tool.effect == effect).map(|tool| tool.tokens).sum()
}

/// Returns the treemap as SVG. Screen readers skip it, because the list of tools contains the same numbers.
fn treemap(subject: &Subject, dearest: &[(usize, &Tool)]) -> Markup {
    let shown = &dearest[..dearest.len().min(MOST)];
    let mut effects: Vec<(Effect, usize)> = EFFECTS
        .iter()
        .map(|effect| (*effect, tokens_of(subject, *effect)))
        .filter(|(effect, _)| shown.iter().any(|(_, tool)| tool.effect == *effect))
        .collect();
    effects.sort_by_key(|(_, tokens)| std::cmp::Reverse(*tokens));
    let sizes: Vec<usize> = effects.iter().map(|(_, tokens)| *tokens).collect();
    let whole = Rectangle { x: 0.0, y: 0.0, width: WIDTH, height: HEIGHT };
    let areas = layout(&sizes, whole);
    html! {
        svg.treemap viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) preserveAspectRatio="none" aria-hidden="true" {
            @for ((effect, _), area) in effects.iter().zip(areas) {
                @let tools: Vec<(usize, &Tool)> = shown.iter().copied().filter(|(_, tool)| tool.effect == *effect).collect();
                @let sizes: Vec<usize> = tools.iter().map(|(_, tool)| tool.tokens).collect();
                g class=(effect.as_str()) {
                    @for ((at, tool), place) in tools.iter().zip(layout(&sizes, inner(area))) { (area_of(*at, tool, place)) }
                }
            }
        }
    }
}

fn inner(area: Rectangle) -> Rectangle {
    Rectangle {
        x: area.x + GAP / 2.0,
        y: area.y + GAP / 2.0,
        width: (area.width - GAP).max(1.0),
        height: (area.height - GAP).max(1.0),
    }
}

fn area_of(at: usize, tool: &Tool, place: Rectangle) -> Markup {
    let letters = ((place.width - 8.0) / CHARACTER).max(0.0) as usize;
    let name = line(&tool.name);
    let has_label = place.height >= LABEL_HEIGHT + 2.0 && letters >= FEWEST_LETTERS.min(name.chars().count());
    let label: String = match name.chars().count() > letters {
        true => name.chars().take(letters.saturating_sub(1)).chain(['…']).collect(),
        false => name.to_string(),
    };
    html! {
        a href={ "#t" (at) } tabindex="-1" {
            rect x=(short(place.x)) y=(short(place.y)) width=(short(place.width)) height=(short(place.height)) {
                title { (name) ": " (grouped(tool.tokens)) " tokens" }
            }
            @if has_label { text x=(short(place.x + 4.0)) y=(short(place.y + LABEL_HEIGHT - 3.0)) { (label) } }
        }
    }
}

/// Formats a number with one decimal place.
fn short(number: f64) -> String {
    format!("{number:.1}").trim_end_matches(".0").to_owned()
}
