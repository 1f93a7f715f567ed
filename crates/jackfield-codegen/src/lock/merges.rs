//! The lines of the lock about tools that call one of several operations.

use std::fmt::Write as _;

use jackfield_model::{Connector, Merge};
use jackfield_surface::{Digest, Surface};

use super::digests::{Digests, ToolSchemas};
use crate::rows::MergeRow;

/// The header lines that are added if connector.toml merges operations.
pub(super) const HEADER: &str = "\
# merge        a tool that calls one of several: the strongest effect, a digest of its text and arguments, and their names,
#              with the value that selects each if an argument does
contract 1
";

/// Prints the lines, in the order of the connector.
pub(super) fn lines(connector: &Connector, surface: &Surface<'_>, digests: &Digests<'_>) -> Vec<String> {
    connector.merges.iter().map(|merge| line(connector, surface, merge, digests)).collect()
}

/// Prints `merge get_book read DIGEST get_book_by_id get_book_by_name`.
fn line(connector: &Connector, surface: &Surface<'_>, merge: &Merge, digests: &Digests<'_>) -> String {
    // The pattern names every field, so that the compiler reports a new field that is not handled.
    let Merge { name, title: _, description: _, args, output, effect, idempotent } = merge;
    let row = MergeRow::of(merge);
    let mut parts: Vec<&[u8]> =
        [row.name, row.title, row.description, &row.input].map(str::as_bytes).to_vec();
    let schemas = ToolSchemas::of(args, output.as_ref(), &connector.pool);
    parts.extend(schemas.parts(digests));
    parts.push(if *idempotent { b"idempotent" } else { b"" });
    let mut line = format!("merge {name} {} {}", effect.as_str(), Digest::of(parts).short(32));
    for tool in surface.tools() {
        let Some(merged) = tool.operation.merged.as_ref().filter(|it| it.tool == *name) else {
            continue;
        };
        let _ = write!(line, " {}", tool.name);
        if let Some((_, value)) = &merged.selector {
            let _ = write!(line, "={value}");
        }
    }
    line
}
