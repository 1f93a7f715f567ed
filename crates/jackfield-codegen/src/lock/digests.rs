use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::{Arg, Pool, Schema};
use jackfield_surface::{Digest, closure};

/// The digest of every schema in the pools, by name.
pub(crate) struct Digests<'m> {
    pub(crate) sent: BTreeMap<&'m str, Digest>,
    pub(crate) received: BTreeMap<&'m str, Digest>,
}

/// The output schema of a tool, and the schemas to which its arguments and its output refer.
pub(super) struct ToolSchemas {
    sent: BTreeSet<String>,
    output: Option<String>,
    received: BTreeSet<String>,
}

impl ToolSchemas {
    pub(super) fn of(args: &[Arg], output: Option<&Schema>, pool: &Pool) -> Self {
        Self {
            sent: closure(args.iter().map(|arg| &arg.schema), &pool.send),
            output: output.map(|output| output.as_value().to_string()),
            received: closure(output.into_iter(), &pool.output),
        }
    }

    /// Returns the parts of the tool's digest.
    pub(super) fn parts<'p>(&'p self, digests: &'p Digests<'_>) -> impl Iterator<Item = &'p [u8]> {
        let output = self.output.iter().map(|output| output.as_bytes());
        digested(&self.sent, &digests.sent).chain(output).chain(digested(&self.received, &digests.received))
    }
}

/// Returns the name and the digest of each schema.
fn digested<'p>(
    names: &'p BTreeSet<String>,
    digests: &'p BTreeMap<&str, Digest>,
) -> impl Iterator<Item = &'p [u8]> {
    names.iter().flat_map(|name| {
        let digest = digests.get(name.as_str()).map(|digest| digest.as_str().as_bytes());
        std::iter::once(name.as_bytes()).chain(digest)
    })
}
