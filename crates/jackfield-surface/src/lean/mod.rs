//! The lean wording: shorter texts in tool lists, because every conversation pays for their tokens.
//!
//! Lean wording changes annotations, and rewrites schemas to shorter forms that accept the same values
//! (`inline`).

mod action;
mod apart;
mod clause;
mod compact;
mod detail;
mod enumeration;
mod inline;
mod instructions;
mod kinds;
mod label;
mod limit;
mod marker;
mod outline;
pub(crate) mod page_length;
mod paging;
mod plain;
mod price;
mod reach;
mod reference;
mod say;
mod schema;
mod sense;
mod sentence;
mod shared;
#[cfg(test)]
pub(crate) mod tests;
mod tool;
mod weigh;
mod words;

use jackfield_model::{Connector, ToolName, side_by_side};

use crate::cores;
use detail::Details;
use sentence::Firsts;

/// Makes the wording of a connector lean. `names` are the names of its tools in the order of its operations;
/// descriptions do not repeat them.
pub fn lean(connector: &mut Connector, names: &[ToolName]) {
    connector.description = instructions::instructions(&connector.description);
    let mut shared = std::mem::take(&mut connector.pool.send);
    let received = std::mem::take(&mut connector.pool.receive);
    cores::each(connector, |(firsts, details), at, operation| {
        tool::wording(operation, names.get(at).map_or("", ToolName::as_str));
        for arg in &mut operation.args {
            schema::argument(arg.name.as_str(), &mut arg.schema, &shared, firsts, details);
        }
        paging::explain(operation, &received);
    });
    tool::finish(connector, names);
    let most = cores::most_for(shared.len());
    side_by_side(shared.values_mut(), most, |(firsts, details): &mut (Firsts, Details), schema| {
        schema::shared(schema, firsts, details);
    });
    connector.pool.send = shared;
    connector.pool.receive = received;
    if reach::is_bounded(connector) {
        inline::inline(connector);
        outline::outline(connector);
    }
}
