//! The filters and the search above the tools.

use maud::{Markup, html};

use crate::inspect::grouped;

/// The filters. Each has the CSS class of the tools that it shows, and a label.
const FILTERS: [(&str, &str); 7] = [
    ("all", "all"),
    ("read", "read"),
    ("write", "write"),
    ("destroy", "destroy"),
    ("waits", "waits for a person"),
    ("changed", "changed"),
    ("deprecated", "deprecated"),
];

/// Returns the filters that show at least one tool. `count` returns the number of tools with a CSS class.
pub(super) fn filters(count: impl Fn(&str) -> usize) -> Markup {
    html! {
        div.filters {
            fieldset {
                legend { "Show" }
                @for (class, words) in FILTERS {
                    @let count = count(class);
                    @if count > 0 || class == "all" {
                        span.choice {
                            input type="radio" name="show" id={ "show-" (class) } value=(class) checked[class == "all"];
                            label for={ "show-" (class) } { (words) " " span.quiet { (grouped(count)) } }
                        }
                    }
                }
            }
            p.script hidden {
                label for="find" { "Find" }
                input type="search" id="find" autocomplete="off" spellcheck="false";
                button type="button" id="open" { "Open all" }
                button type="button" id="close" { "Close all" }
                output id="found" for="find" aria-live="polite" {}
            }
        }
    }
}
