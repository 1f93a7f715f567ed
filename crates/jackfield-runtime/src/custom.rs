//! Hand-written tools, resources and prompts: the stable API for `src/custom.rs` of a connector.
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
//!
//! A [`Custom`] can contain resources and prompts besides tools. Hand-written tools, resources and prompts can all ask the user a question:
//!
//! ```
//! use jackfield_runtime::custom::{
//!     Content, Custom, CustomPrompt, CustomResource, CustomTemplate, PromptMessage, Question, ResourceContents,
//! };
//! use serde_json::{Value, json};
//!
//! pub fn custom() -> Custom {
//!     let hours = CustomResource::new("shop://hours", "Opening hours", |read| async move {
//!         Ok(vec![ResourceContents::text(read.uri, "9 to 18").with_media_type("text/plain")])
//!     });
//!     let shelf = CustomTemplate::new("shop://shelves/{id}", "A shelf", |read| async move {
//!         let id = read.call.args.get("id").and_then(Value::as_str).unwrap_or_default();
//!         Ok(vec![ResourceContents::text(&read.uri, format!("Shelf {id}"))])
//!     });
//!     let review = CustomPrompt::new("review", |call| async move {
//!         let form = json!({ "type": "object", "properties": { "title": { "type": "string" } } });
//!         let question = Question::form("title", "Which book?", form.as_object().unwrap());
//!         let answer = call.context.ask(question).await?;
//!         let title = answer.accepted().and_then(|fields| fields.get("title")?.as_str());
//!         Ok(vec![PromptMessage::user(Content::text(format!("Review {}.", title.unwrap_or("a book"))))])
//!     });
//!     Custom::new()
//!         .resources([hours.description("When the shop is open")])
//!         .templates([shelf.completes("id", |_| async { Ok(vec!["1".to_owned()]) })])
//!         .prompts([review.description("Writes a review")])
//! }
//! # custom();
//! ```

pub use crate::auth::{Signature, Signer, Signing, Unsigned};
pub use crate::call::args::Args;
pub use crate::common::caller::{Caller, Capabilities, Channel};
pub use crate::common::progress::Progress;
pub use crate::engine::api::Api;
pub use crate::engine::client_log::LogLevel;
pub use crate::engine::completion::CompletionCall;
pub use crate::engine::context::{Answer, CallContext, Question, QuestionKind};
pub use crate::engine::custom::{Call, CustomTool};
pub use crate::engine::custom_prompt::CustomPrompt;
pub use crate::engine::custom_resource::{CustomResource, CustomTemplate, ReadCall};
pub use crate::engine::custom_set::Custom;
pub use crate::engine::error::CallError;
pub use crate::engine::request::PromptMessage;
pub use crate::engine::resource_updates::ResourceUpdates;
pub use crate::reply::content::{Content, ResourceBody, ResourceContents};
pub use crate::reply::tool_result::ToolResult;
pub use crate::transport::reply::Reply;
pub use crate::v1::Tool;
pub use jackfield_recipe::{Ask, Effect};
