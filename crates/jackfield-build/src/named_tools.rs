//! The tools of a connector while the tables of connector.toml are applied to them.

use jackfield_model::Connector;
use jackfield_surface::{ChosenName, Resolved, RuleFault, Table, resolve, tool_facts};

use crate::manifest::{Manifest, RuleTable};

/// A connector whose tools have names, and the tables that are applied to its tools.
pub(crate) struct NamedTools<'a> {
    pub(crate) manifest: &'a Manifest,
    pub(crate) connector: &'a mut Connector,
    /// The names of the tools in the order of the model.
    pub(crate) names: &'a [ChosenName],
    /// The faults of the keys of all tables.
    pub(crate) faults: &'a mut Vec<(Table, RuleFault)>,
}

impl NamedTools<'_> {
    /// Finds the most specific rule of a table for each tool, and records the faults of its keys.
    pub(crate) fn resolve<T>(&mut self, table: Table, rules: &RuleTable<T>) -> Resolved {
        let resolved = resolve(rules.selectors(), &tool_facts(self.connector, self.names));
        self.faults.extend(resolved.faults.iter().map(|fault| (table, fault.clone())));
        resolved
    }
}
