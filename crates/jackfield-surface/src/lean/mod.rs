//! Lean wording: a tool list that says what is needed to call, and is paid for by every conversation.
//!
//! Words get fewer; what validates stays as it is. Nothing but annotations is changed, save where two spellings of a
//! schema accept the same values (`inline`).

mod compact;
mod cores;
mod detail;
mod enumeration;
mod inline;
mod kinds;
mod label;
mod outline;
mod plain;
mod price;
mod reach;
mod reference;
mod schema;
mod sentence;
mod shared;
#[cfg(test)]
mod tests;
mod tool;
mod weigh;
mod words;

use jackfield_model::text::shorten;
use jackfield_model::{Connector, ToolName};

use sentence::{Firsts, joined};

/// How long the description of the connector may be, in characters.
const CONNECTOR: usize = 400;

/// Makes the wording of a connector lean. `names` are those of its tools, in the order of its operations: what they say
/// is not said again.
pub fn lean(connector: &mut Connector, names: &[ToolName]) {
    connector.description = shorten(&joined(&connector.description), CONNECTOR);
    let mut shared = std::mem::take(&mut connector.pool.send);
    cores::each(connector, |(firsts, details), at, operation| {
        tool::wording(operation, names.get(at).map_or("", ToolName::as_str));
        for arg in &mut operation.args {
            schema::argument(&mut arg.schema, &shared, firsts, details);
        }
    });
    let mut firsts = Firsts::default();
    for schema in shared.values_mut() {
        schema::shared(schema, &mut firsts);
    }
    connector.pool.send = shared;
    if reach::is_bounded(connector) {
        inline::inline(connector);
        outline::outline(connector);
    }
}
