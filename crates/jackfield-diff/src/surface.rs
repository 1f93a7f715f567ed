//! The differences between the tools that clients see.

use std::collections::BTreeSet;

use jackfield_model::{Connector, SurfaceKind, ToolName};

use crate::change::{Change, Changes};
use crate::tools::Paired;
use crate::{Class, Kind, Phrase};

/// Compares the surfaces and their promoted tools.
pub(crate) fn compare(old: &Connector, new: &Connector, paired: &Paired<'_>, changes: &mut Changes) {
    if old.surface != new.surface {
        // Clients cannot call tools by name if the tools are not listed.
        let class =
            if listed(new.surface) < listed(old.surface) { Class::Breaking } else { Class::Behaviour };
        let [before, after] = [old.surface, new.surface].map(|surface| surface.to_string());
        changes.add(Change::value(class, Kind::Surface, "surface", Some(&before), Some(&after)));
    }
    if old.promoted == new.promoted {
        return;
    }
    let before = paired.renamed(&old.promoted);
    let after: BTreeSet<&str> = new.promoted.iter().map(ToolName::as_str).collect();
    let is_shown = old.surface == SurfaceKind::Promoted && new.surface == SurfaceKind::Promoted;
    for (tools, words, class) in [
        (
            before.difference(&after),
            "no longer promoted",
            if is_shown { Class::Breaking } else { Class::Behaviour },
        ),
        (after.difference(&before), "promoted", Class::Behaviour),
    ] {
        for tool in tools {
            changes.add_of(tool, Change::new(class, Kind::Surface, Phrase::of([words])));
        }
    }
    let listed = |names: &[ToolName]| names.iter().map(ToolName::as_str).collect::<Vec<_>>().join(", ");
    if before == after {
        let (before, after) = (listed(&old.promoted), listed(&new.promoted));
        let words = "promoted tools";
        changes.add(Change::value(Class::Behaviour, Kind::Surface, words, Some(&before), Some(&after)));
    }
}

/// Returns the rank of a surface by the number of tools that it always lists.
const fn listed(surface: SurfaceKind) -> usize {
    match surface {
        SurfaceKind::Each => 3,
        SurfaceKind::Promoted => 2,
        SurfaceKind::Auto => 1,
        SurfaceKind::Search => 0,
    }
}
