//! How much the tools of a connector reach of its shared schemas, all together.

use std::collections::{BTreeMap, BTreeSet};

use jackfield_model::Connector;
use serde_json::Value;

/// How many values the tools of any connector may reach, and how many for each that it has.
const BASE: usize = 50_000_000;
const PER_VALUE: usize = 64;

/// Whether deciding where shared schemas stand takes no longer than a document of this size may take: every tool is asked
/// for all that it reaches. Beyond, they stay where the document has them, and the list is longer than it could be.
pub(super) fn is_bounded(connector: &Connector) -> bool {
    is_within(connector, BASE, PER_VALUE)
}

fn is_within(connector: &Connector, base: usize, per_value: usize) -> bool {
    let pool = &connector.pool.send;
    let sizes: BTreeMap<&str, (usize, BTreeSet<&str>)> = pool
        .iter()
        .map(|(name, schema)| {
            (name.as_str(), (values(schema.as_value()), schema.refs().into_iter().collect()))
        })
        .collect();
    let own = connector.operations().flat_map(|operation| &operation.args);
    let own: usize = own.map(|arg| values(arg.schema.as_value())).sum();
    let all = own + sizes.values().map(|(size, _)| size).sum::<usize>();
    let mut left = base.saturating_add(per_value.saturating_mul(all));
    for operation in connector.operations() {
        let mut reached = BTreeSet::new();
        let mut waiting: Vec<&str> = operation.args.iter().flat_map(|arg| arg.schema.refs()).collect();
        while let Some(name) = waiting.pop() {
            if !reached.insert(name) {
                continue;
            }
            let Some((size, refs)) = sizes.get(name) else { continue };
            match left.checked_sub(size + refs.len()) {
                Some(rest) => left = rest,
                None => return false,
            }
            waiting.extend(refs.iter().copied());
        }
    }
    true
}

/// How many values there are in one, itself among them.
fn values(value: &Value) -> usize {
    match value {
        Value::Object(map) => 1 + map.values().map(values).sum::<usize>(),
        Value::Array(items) => 1 + items.iter().map(values).sum::<usize>(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::connector;
    use super::*;

    #[test]
    fn tools_that_reach_too_much_are_noticed() {
        let few = connector(
            json!({ "a": { "$ref": "#/$defs/A" } }),
            json!({ "A": { "items": { "$ref": "#/$defs/B" } }, "B": { "enum": [1, 2, 3, 4, 5, 6, 7, 8] } }),
        );
        assert!(is_within(&few, 0, 64));
        assert!(!is_within(&few, 10, 0));
    }
}
