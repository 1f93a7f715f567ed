//! The schemas of a connector's tables.

use jackfield_mock::{Fill, Limits, Reply, Schemas, sample};
use serde_json::{Map, Value, json};

use crate::call::held_rows::ConnectorRows;
use crate::call::presets::without_decided;
use crate::call::rows::{Connector, Tool};
use crate::call::schema::{check_value, self_contained};

/// Sampled replies are small.
const REPLY: Limits = Limits { fill: Fill::Full, depth: 3, items: 2, values: 40 };

/// The schemas of a connector's operations.
pub(super) struct RowSchemas(pub(super) ConnectorRows);

impl RowSchemas {
    fn tool(&self, operation: usize) -> Option<&Tool<'_>> {
        self.0.get().tools().nth(operation)
    }
}

impl Schemas for RowSchemas {
    fn input(&self, operation: usize) -> Value {
        let tool = self.tool(operation);
        tool.map_or_else(Value::default, |tool| Value::Object(self_contained(self.0.get(), tool.input)))
    }

    fn misfit(&self, operation: usize, schema: &Value, arguments: &Value) -> Option<String> {
        let mut arguments = arguments.clone();
        if let (Some(tool), Value::Object(arguments)) = (self.tool(operation), &mut arguments) {
            // Clients cannot set these values, so the schema does not have them.
            without_decided(tool, arguments);
        }
        check_value(schema, &arguments).err().map(|misfit| misfit.to_string())
    }

    fn reply(&self, operation: usize) -> Reply {
        let Some(tool) = self.tool(operation) else { return Reply::empty(204) };
        let connector = self.0.get();
        if !tool.output.is_empty() {
            // References of output schemas lead to the pool of replies.
            let of_replies = Connector { schemas: connector.received, ..*connector };
            let schema = Value::Object(self_contained(&of_replies, tool.output));
            let none = Map::new();
            let defs = schema.get("$defs").and_then(Value::as_object).unwrap_or(&none);
            return Reply::json(200, sample(&schema, defs, REPLY));
        }
        let kinds = tool.accept.split(',').map(str::trim);
        let is_json = |kind: &str| kind.contains("json") || kind.contains('*');
        match kinds.clone().find(|kind| is_json(kind)) {
            Some(_) => Reply::json(200, json!({})),
            None => {
                let media_type = kinds.clone().next().unwrap_or_default().to_owned();
                Reply { status: 200, media_type, body: "text".into() }
            }
        }
    }
}
