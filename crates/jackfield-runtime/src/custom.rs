//! Hand-written tools: the stable API for `src/custom.rs` of a connector.
//!
//! ```
//! use jackfield_runtime::custom::{Call, CustomTool, Effect, ToolResult};
//!
//! pub fn tools() -> Vec<CustomTool> {
//!     vec![
//!         CustomTool::new("greet", |call: Call| async move {
//!             let name = call.args.get("name").and_then(|name| name.as_str()).unwrap_or("you").to_owned();
//!             Ok(ToolResult::text(format!("Hello, {name}")))
//!         })
//!         .title("Greet somebody")
//!         .input(r#"{"type":"object","properties":{"name":{"type":"string"}},"additionalProperties":false}"#)
//!         .effect(Effect::Read),
//!     ]
//! }
//! # assert_eq!(tools().len(), 1);
//! ```

pub use crate::auth::{Signature, Signer, Signing, Unsigned};
pub use crate::call::args::Args;
pub use crate::common::caller::{Caller, Channel};
pub use crate::common::progress::Progress;
pub use crate::engine::api::Api;
pub use crate::engine::context::CallContext;
pub use crate::engine::custom::{Call, CustomTool};
pub use crate::engine::error::CallError;
pub use crate::reply::tool_result::ToolResult;
pub use crate::transport::reply::Reply;
pub use crate::v1::Tool;
pub use jackfield_recipe::{Ask, Effect};
