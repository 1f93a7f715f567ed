//! The tables of a document, together with the memory from which they borrow.

use bumpalo::Bump;
use jackfield_build::NamedConnector;
use jackfield_runtime::rows::{Connector, OwnedRows};
use self_cell::{MutBorrow, self_cell};

use super::arena::Arena;
use super::connector;

/// The model of a document, and the arena of its tables.
struct RowMemory {
    named: NamedConnector,
    bump: Bump,
}

self_cell!(
    /// The tables of a document. They own the memory from which they borrow.
    pub(super) struct DocumentRows {
        owner: MutBorrow<RowMemory>,

        #[covariant]
        dependent: Connector,
    }
);

impl DocumentRows {
    /// Builds the tables of a model.
    pub(super) fn of(named: NamedConnector) -> Self {
        let memory = MutBorrow::new(RowMemory { named, bump: Bump::new() });
        Self::new(memory, |memory| {
            let RowMemory { named, bump } = memory.borrow_mut();
            connector::rows(named, Arena(bump))
        })
    }
}

impl OwnedRows for DocumentRows {
    fn connector(&self) -> &Connector<'_> {
        self.borrow_dependent()
    }
}
