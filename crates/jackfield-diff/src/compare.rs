//! The comparison of two connectors.

use jackfield_model::{Connector, ToolName};

use crate::change::Changes;
use crate::report::{Counted, Report};
use crate::schema::SchemaComparer;
use crate::schemas::Schemas;
use crate::tools::{Paired, Tool};
use crate::{connector, destinations, operation, schemes};

/// A connector whose tools have their final names, effects and texts.
#[derive(Clone, Debug)]
pub struct Side<'m> {
    /// The model.
    pub connector: &'m Connector,
    /// The names of the tools, in the order of the connector's operations.
    pub names: Vec<&'m ToolName>,
    /// The number of tokens in the list of all tools, if it was counted.
    pub tokens: Option<usize>,
}

impl<'m> Side<'m> {
    pub(crate) fn tools(&self) -> Vec<Tool<'m>> {
        let groups = self.connector.groups.iter();
        let operations =
            groups.flat_map(|group| group.operations.iter().map(|one| (group.tag.as_str(), one)));
        let named = operations.zip(&self.names);
        named.map(|((group, operation), name)| Tool { name: name.as_str(), group, operation }).collect()
    }
}

/// Compares two connectors.
pub fn compare(old: &Side<'_>, new: &Side<'_>) -> Report {
    let mut changes = Changes::default();
    let (pools, next) = (&old.connector.pool, &new.connector.pool);
    let schemas = Schemas {
        sent: SchemaComparer::new(&pools.send, &next.send),
        received: SchemaComparer::new(&pools.receive, &next.receive),
        promised: SchemaComparer::new(&pools.output, &next.output),
    };
    let (before, after) = (old.tools(), new.tools());
    let counted = |tools: &[Tool<'_>], connector: &Connector| {
        tools.iter().filter(|tool| tool.operation.merged.is_none()).count() + connector.merges.len()
    };
    let tools = Counted { before: counted(&before, old.connector), after: counted(&after, new.connector) };
    let paired = Paired::of(before, after);
    destinations::compare(old.connector, new.connector, &mut changes);
    schemes::compare(old.connector, new.connector, &mut changes);
    connector::compare(old.connector, new.connector, &paired, &mut changes);
    paired.report(&mut changes);
    for (before, after) in &paired.pairs {
        operation::compare([old.connector, new.connector], before, after, &schemas, &mut changes);
    }
    let tokens = old.tokens.zip(new.tokens).map(|(before, after)| Counted { before, after });
    Report { changes: changes.into_sorted(), tools, tokens, limits: Vec::new() }
}
