//! Compares the connectors of two documents, folders or revisions.

use jackfield_diff::{Report, Side};

use crate::report::Modelled;

/// Compares two connectors.
pub fn compare(old: &Modelled, new: &Modelled) -> Report {
    // Counting tokens takes as long as everything else, so both connectors are counted at the same time.
    let (before, after) = std::thread::scope(|scope| {
        let after = scope.spawn(|| new.tokens());
        let before = old.tokens();
        (before, after.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    });
    jackfield_diff::compare(&side(old, before), &side(new, after))
}

fn side(modelled: &Modelled, tokens: usize) -> Side<'_> {
    Side {
        connector: &modelled.connector,
        names: modelled.names.iter().map(|chosen| &chosen.name).collect(),
        tokens: Some(tokens),
    }
}
