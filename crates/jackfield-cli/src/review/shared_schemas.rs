//! The list of the schemas that tools share.

use maud::{Markup, html};

use super::schema;
use super::shared::Definitions;
use super::words::{line, plural};
use crate::inspect::grouped;

/// Returns the schemas that tools share.
pub(super) fn section(definitions: &Definitions) -> Markup {
    let all = definitions.all();
    html! {
        @if !all.is_empty() {
            div.group {
                h3 id="shared" { "Shared schemas " span.quiet { (grouped(all.len())) } }
                @for (at, one) in all.iter().enumerate() {
                    details.definition id={ "d" (at) } {
                        summary {
                            code.name { (line(&one.name)) }
                            span.cost { (grouped(one.tools)) " " (plural(one.tools, "tool")) }
                        }
                        div.body { (schema::root(&one.schema, definitions.meanings())) }
                    }
                }
            }
        }
    }
}
