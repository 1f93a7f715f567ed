use std::collections::BTreeMap;

use jackfield_surface::Digest;

/// The digest of every schema in the pools, by name.
pub(crate) struct Digests<'m> {
    pub(crate) sent: BTreeMap<&'m str, Digest>,
    pub(crate) received: BTreeMap<&'m str, Digest>,
}
