//! Hand-written tools, which the connector serves in addition to the generated ones.
//!
//! A hand-written tool can call generated tools, such as `&crate::generated::books::GET_BOOK`. If a newer document no
//! longer has the operation, the call no longer compiles.
//!
//! ```text
//! CustomTool::new("count_books", |call: Call| async move {
//!     let reply = call.send(&crate::generated::books::LIST_BOOKS, serde_json::json!({})).await?;
//!     let count = reply.json().and_then(|books| books.as_array().map(Vec::len)).unwrap_or(0);
//!     Ok(ToolResult::text(format!("{count} books")))
//! })
//! .title("Count the books")
//! .effect(Effect::Read)
//! ```
//!
//! For resources and prompts, return a `jackfield_runtime::custom::Custom` with the tools in it.

use jackfield_runtime::custom::CustomTool;

/// The hand-written tools.
pub fn tools() -> Vec<CustomTool> {
    Vec::new()
}
