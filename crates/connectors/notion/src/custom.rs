//! Hand-written tools, served with the generated ones.
//!
//! A hand-written tool gets its arguments and can call generated tools, such as `&crate::generated::books::GET_BOOK`. If a newer document
//! no longer has the operation, the call no longer compiles.
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

use jackfield_runtime::custom::CustomTool;

/// The hand-written tools.
pub fn tools() -> Vec<CustomTool> {
    Vec::new()
}
