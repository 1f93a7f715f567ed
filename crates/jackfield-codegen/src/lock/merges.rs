//! The lines of the lock about tools that call one of several operations.

use std::fmt::Write as _;

use jackfield_model::{Connector, Merge};
use jackfield_surface::{Digest, Surface, closure};

use super::digests::Digests;
use crate::rows::MergeRow;

/// The header lines that are added if connector.toml merges operations.
pub(super) const HEADER: &str = "\
# merge        a tool that calls one of several: the strongest effect, a digest of its text and arguments, and their names,
#              with the value that selects each if an argument does
contract 1
";

/// The lines, in the order of the connector.
pub(super) fn lines(connector: &Connector, surface: &Surface<'_>, digests: &Digests<'_>) -> Vec<String> {
    connector.merges.iter().map(|merge| line(connector, surface, merge, digests)).collect()
}

/// `merge get_book read DIGEST get_book_by_id get_book_by_name`
fn line(connector: &Connector, surface: &Surface<'_>, merge: &Merge, digests: &Digests<'_>) -> String {
    // Every field is named here, so that a new one cannot be forgotten.
    let Merge { name, title: _, description: _, args, output, effect, idempotent } = merge;
    let row = MergeRow::of(merge);
    let mut parts: Vec<&[u8]> =
        [row.name, row.title, row.description, &row.input].map(str::as_bytes).to_vec();
    let reached = closure(args.iter().map(|arg| &arg.schema), &connector.pool.send);
    for name in &reached {
        parts.push(name.as_bytes());
        parts.extend(digests.sent.get(name.as_str()).map(|digest| digest.as_str().as_bytes()));
    }
    let promised = closure(output.iter(), &connector.pool.output);
    let output = output.as_ref().map(|output| output.as_value().to_string());
    parts.extend(output.as_ref().map(|output| output.as_bytes()));
    for name in &promised {
        parts.push(name.as_bytes());
        parts.extend(digests.received.get(name.as_str()).map(|digest| digest.as_str().as_bytes()));
    }
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
