//! The schemas of a connector's tables.

use jackfield_mock::{OwnDefinitions, Reply, Schemas};
use serde_json::Value;

use crate::call::held_rows::ConnectorRows;
use crate::call::presets::without_decided;
use crate::call::rows::{Connector, Tool};
use crate::call::schema::{check_value, self_contained};

const JSON: &str = "application/json";

/// Looks up the schemas of a connector's operations.
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
            // Calls cannot set these values, so the input schema does not contain them.
            without_decided(tool, arguments);
        }
        check_value(schema, &arguments).err().map(|misfit| misfit.to_string())
    }

    fn reply(&self, operation: usize) -> Reply {
        let Some(tool) = self.tool(operation) else { return Reply::empty(204) };
        let connector = self.0.get();
        if !tool.output.is_empty() {
            // References in output schemas lead to the pool of reply schemas.
            let of_replies = Connector { schemas: connector.received, ..*connector };
            let schema = Value::Object(self_contained(&of_replies, tool.output));
            return Reply::sampled(200, JSON, Some(&schema), None, &OwnDefinitions(&schema));
        }
        let mut kinds = tool.accept.split(',').map(str::trim);
        let has_json = kinds.clone().any(|kind| kind.contains("json") || kind.contains('*'));
        let media_type = if has_json { JSON } else { kinds.next().unwrap_or_default() };
        Reply::sampled(200, media_type, None, None, &())
    }
}
