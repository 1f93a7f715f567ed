//! The most important numbers of a page.

use jackfield_build::model::Effect;
use maud::{Markup, html};

use super::words::EFFECTS;
use crate::inspect::grouped;

/// Returns the number of tools of each effect.
pub(super) fn effect_numbers(count: impl Fn(Effect) -> usize) -> Markup {
    html! {
        @for effect in EFFECTS {
            (number(effect.as_str(), count(effect), match effect.as_str() { "read" => "only read", "write" => "create or change", _ => "destroy" }, effect.as_str()))
        }
    }
}

/// Returns one number. Tests find it by its key.
pub(super) fn number(key: &str, count: usize, words: &str, class: &str) -> Markup {
    html! {
        div class=(class) {
            dt { (words) }
            dd { data value=(count) data-total=(key) { (grouped(count)) } }
        }
    }
}
