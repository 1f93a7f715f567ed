//! The operations to which the choices about bodies apply.

use std::collections::BTreeMap;

use jackfield_surface::{Facts, Selector, resolve};

use crate::manifest::Manifest;

/// For each table about request bodies, the index of the rule that applies to each operation, by route.
#[derive(Clone, Debug, Default)]
pub(crate) struct BodyRules {
    pub(crate) media: BTreeMap<String, usize>,
    pub(crate) forms: BTreeMap<String, usize>,
    pub(crate) whole: BTreeMap<String, usize>,
}

impl BodyRules {
    /// Finds the rules for operations that become tools.
    pub(crate) fn of(manifest: &Manifest, operations: &[Facts<'_>], chosen: &[bool]) -> Self {
        let chosen: Vec<Facts<'_>> = operations
            .iter()
            .zip(chosen)
            .filter(|(_, is_chosen)| **is_chosen)
            .map(|(facts, _)| facts.clone())
            .collect();
        Self {
            media: routes(manifest.media.selectors(), &chosen),
            forms: routes(manifest.forms.operations.selectors(), &chosen),
            whole: routes(manifest.whole_bodies.selectors(), &chosen),
        }
    }
}

fn routes<'s>(
    selectors: impl Iterator<Item = &'s Selector>,
    operations: &[Facts<'_>],
) -> BTreeMap<String, usize> {
    let resolved = resolve(selectors, operations);
    let rules = operations.iter().zip(resolved.rules);
    rules.filter_map(|(facts, rule)| Some((facts.route(), rule?))).collect()
}
