//! Tools for clients with a session, which exists up to protocol revision 2025-11-25.

use std::time::Duration;

use jackfield_runtime::LogLevel;
use jackfield_runtime::custom::{Answer, CustomTool, Question, ToolResult};
use serde_json::{Map, Value, json};
use tokio::time::sleep;

use crate::content::read;
use crate::inputs::{field, object, prompt};

pub(crate) fn tools() -> Vec<CustomTool> {
    vec![
        read("test_tool_with_logging", "Sends log messages", |call| async move {
            for message in ["Tool execution started", "Tool processing data", "Tool execution completed"] {
                call.context.log(LogLevel::Info, message).await;
                sleep(Duration::from_millis(50)).await;
            }
            Ok(ToolResult::text("Done."))
        }),
        read("test_sampling", "Asks the model of the client", |call| async move {
            let text = call.args.get("prompt").and_then(Value::as_str).unwrap_or_default().to_owned();
            let answer = call.context.ask(Question::sampling("prompt", &prompt(&text, 100))).await?;
            let content = answer.accepted().and_then(|fields| fields.get("content"));
            let said = content.and_then(|content| content["text"].as_str()).unwrap_or_default();
            Ok(ToolResult::text(format!("LLM response: {said}")))
        })
        .input(texts("prompt")),
        read("test_elicitation", "Asks the user", |call| async move {
            let message = call.args.get("message").and_then(Value::as_str).unwrap_or_default().to_owned();
            let form = object(json!({
                "type": "object",
                "properties": {
                    "username": { "type": "string", "description": "User's response" },
                    "email": { "type": "string", "description": "User's email address" },
                },
                "required": ["username", "email"],
            }));
            let answer = call.context.ask(Question::form("user", &message, &form)).await?;
            Ok(ToolResult::text(format!("User response: {}", shown(&answer))))
        })
        .input(texts("message")),
        read("test_elicitation_sep1034_defaults", "Asks with a form that has defaults", |call| async move {
            let form = object(json!({
                "type": "object",
                "properties": {
                    "name": { "type": "string", "default": "John Doe" },
                    "age": { "type": "integer", "default": 30 },
                    "score": { "type": "number", "default": 95.5 },
                    "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
                    "verified": { "type": "boolean", "default": true },
                },
                "required": [],
            }));
            let answer = call.context.ask(Question::form("defaults", "Please review", &form)).await?;
            Ok(ToolResult::text(format!("Elicitation completed: {}", shown(&answer))))
        }),
        read("test_elicitation_sep1330_enums", "Asks with a form of enumerations", |call| async move {
            let form = enumerations();
            let answer = call.context.ask(Question::form("enums", "Please choose", &form)).await?;
            Ok(ToolResult::text(format!("Elicitation completed: {}", shown(&answer))))
        }),
        read("greet_roots", "Names the first root of the client", |call| async move {
            let answer = call.context.ask(Question::roots("roots")).await?;
            Ok(ToolResult::text(field(&answer, "roots")))
        }),
    ]
}

/// Creates an input schema with one required string.
fn texts(name: &str) -> String {
    json!({
        "type": "object",
        "properties": { name: { "type": "string", "description": "The text" } },
        "required": [name],
        "additionalProperties": false,
    })
    .to_string()
}

fn shown(answer: &Answer) -> String {
    let (action, content) = match answer {
        Answer::Accepted(fields) => ("accept", Value::Object(fields.clone())),
        Answer::Declined => ("decline", Value::Null),
        _ => ("cancel", Value::Null),
    };
    format!("action={action}, content={content}")
}

fn enumerations() -> Map<String, Value> {
    let titled = |names: [&str; 3]| {
        let each = names.into_iter().enumerate();
        each.map(|(at, title)| json!({ "const": format!("value{}", at + 1), "title": title }))
            .collect::<Vec<_>>()
    };
    let options = ["option1", "option2", "option3"];
    object(json!({
        "type": "object",
        "properties": {
            "untitledSingle": { "type": "string", "enum": options },
            "titledSingle": { "type": "string", "oneOf": titled(["First Option", "Second Option", "Third Option"]) },
            "legacyEnum": {
                "type": "string",
                "enum": ["opt1", "opt2", "opt3"],
                "enumNames": ["Option One", "Option Two", "Option Three"],
            },
            "untitledMulti": { "type": "array", "items": { "type": "string", "enum": options } },
            "titledMulti": {
                "type": "array",
                "items": { "anyOf": titled(["First Choice", "Second Choice", "Third Choice"]) },
            },
        },
        "required": [],
    }))
}
