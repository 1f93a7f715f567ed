//! Limits the number of shared schemas that all tools together reach.

use std::collections::BTreeMap;

use jackfield_model::Connector;
use serde_json::Value;

/// The number of JSON values that the tools may reach: a base, plus a multiple of the connector's values.
const BASE: usize = 50_000_000;
const PER_VALUE: usize = 64;

/// Whether inlining and outlining stay within the limit for a connector of this size. Otherwise shared schemas are
/// left unchanged, and the tool list is longer than necessary.
pub(super) fn is_bounded(connector: &Connector) -> bool {
    is_within(connector, BASE, PER_VALUE)
}

fn is_within(connector: &Connector, base: usize, per_value: usize) -> bool {
    let pool = &connector.pool.send;
    // Names are looked up once; afterwards schemas are identified by index.
    let numbers: BTreeMap<&str, usize> =
        pool.iter().zip(0..).map(|((name, _), number)| (name.as_str(), number)).collect();
    let numbered = |refs: Vec<&str>| -> Vec<usize> {
        refs.into_iter().filter_map(|name| numbers.get(name).copied()).collect()
    };
    let schemas: Vec<(usize, Vec<usize>)> = pool
        .values()
        .map(|schema| {
            let mut refs = numbered(schema.refs());
            refs.sort_unstable();
            refs.dedup();
            (values(schema.as_value()), refs)
        })
        .collect();
    let own = connector.operations().flat_map(|operation| &operation.args);
    let own: usize = own.map(|arg| values(arg.schema.as_value())).sum();
    let all = own + schemas.iter().map(|(size, _)| size).sum::<usize>();
    let mut left = base.saturating_add(per_value.saturating_mul(all));
    // The last operation that reached each schema.
    let mut reached = vec![0; schemas.len()];
    for (operation, turn) in connector.operations().zip(1..) {
        let mut waiting: Vec<usize> =
            operation.args.iter().flat_map(|arg| numbered(arg.schema.refs())).collect();
        while let Some(number) = waiting.pop() {
            if std::mem::replace(&mut reached[number], turn) == turn {
                continue;
            }
            let (size, refs) = &schemas[number];
            match left.checked_sub(size + refs.len()) {
                Some(rest) => left = rest,
                None => return false,
            }
            waiting.extend(refs);
        }
    }
    true
}

/// Returns the number of JSON values within a value, including the value itself.
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
    fn tools_that_reach_too_many_schemas_are_detected() {
        let few = connector(
            json!({ "a": { "$ref": "#/$defs/A" } }),
            json!({ "A": { "items": { "$ref": "#/$defs/B" } }, "B": { "enum": [1, 2, 3, 4, 5, 6, 7, 8] } }),
        );
        assert!(is_within(&few, 0, 64));
        assert!(!is_within(&few, 10, 0));
    }
}
