//! Hand-written tools, served with the generated ones.

use jackfield_runtime::custom::{Call, CallError, CustomTool, Effect, ToolResult};
use serde_json::{Value, json};

use crate::generated::books::LIST_BOOKS;

/// The hand-written tools.
pub fn tools() -> Vec<CustomTool> {
    vec![
        CustomTool::new("value_of_stock", value_of_stock)
            .title("Value of the books in the shop")
            .description("Adds up price times stock, by currency, over the first 100 books of the catalogue or of one genre.")
            .input(r##"{"type":"object","properties":{"genre":{"$ref":"#/$defs/Genre"}},"additionalProperties":false}"##)
            .effect(Effect::Read)
            .idempotent(),
    ]
}

/// A tool for which the API has no operation. It combines the results of a generated tool.
async fn value_of_stock(call: Call) -> Result<ToolResult, CallError> {
    let genre: Vec<&Value> = call.args.get("genre").into_iter().collect();
    let reply = call.send(&LIST_BOOKS, json!({ "limit": 100, "genre": genre })).await?;
    let page = match reply.json() {
        Some(page) if reply.is_success() => page,
        _ => {
            return Ok(ToolResult::error(format!(
                "The catalogue answered {}: {}",
                reply.status(),
                reply.text()
            )));
        }
    };
    let mut totals = std::collections::BTreeMap::<String, i64>::new();
    for book in page["items"].as_array().into_iter().flatten() {
        let currency = book["price"]["currency"].as_str().unwrap_or("unknown").to_owned();
        let amount = book["price"]["amount"].as_i64().unwrap_or(0);
        *totals.entry(currency).or_default() += amount * book["stock"].as_i64().unwrap_or(0);
    }
    Ok(ToolResult::json(json!({ "totals": totals })))
}
