//! Tools that request input from the client's user or model, as protocol revision 2026-07-28 defines.

use jackfield_runtime::CallError;
use jackfield_runtime::custom::{Answer, Call, CustomTool, Question, ToolResult};
use serde_json::{Map, Value, json};

use crate::content::read;

/// Returns the object of a JSON literal.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Creates a form with one required field.
pub(crate) fn form(field: &str, kind: &str) -> Map<String, Value> {
    object(json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] }))
}

/// Creates the parameters of a completion by the client's model.
pub(crate) fn prompt(text: &str, tokens: u32) -> Map<String, Value> {
    let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
    object(json!({ "messages": [message], "maxTokens": tokens }))
}

/// Returns a field of an answer as text.
pub(crate) fn field(answer: &Answer, name: &str) -> String {
    let value = answer.accepted().and_then(|fields| fields.get(name));
    value
        .map_or_else(|| "nothing".to_owned(), |value| value.as_str().map_or(value.to_string(), str::to_owned))
}

pub(crate) fn tools() -> Vec<CustomTool> {
    vec![
        read("test_input_required_result_elicitation", "Asks for a name", |call| async move {
            let form = form("name", "string");
            let answer = call.context.ask(Question::form("user_name", "What is your name?", &form)).await?;
            Ok(ToolResult::text(format!("Hello, {}!", field(&answer, "name"))))
        }),
        read("test_input_required_result_sampling", "Asks the model of the client", |call| async move {
            let prompt = prompt("What is the capital of France?", 100);
            let answer = call.context.ask(Question::sampling("capital_question", &prompt)).await?;
            Ok(ToolResult::text(field(&answer, "content")))
        }),
        read("test_input_required_result_list_roots", "Asks for the roots", |call| async move {
            let answer = call.context.ask(Question::roots("client_roots")).await?;
            Ok(ToolResult::text(field(&answer, "roots")))
        }),
        read("test_input_required_result_request_state", "Asks for a confirmation", |call| async move {
            let form = form("ok", "boolean");
            call.context.ask(Question::form("confirm", "Please confirm", &form)).await?;
            Ok(ToolResult::text("state-ok"))
        }),
        read("test_input_required_result_tampered_state", "Asks for a confirmation", |call| async move {
            let form = form("ok", "boolean");
            call.context.ask(Question::form("confirm", "Please confirm", &form)).await?;
            Ok(ToolResult::text("confirmed"))
        }),
        read(
            "test_input_required_result_multiple_inputs",
            "Asks three questions at once",
            |call| async move {
                let (form, prompt) = (form("name", "string"), prompt("Generate a greeting", 50));
                let questions = [
                    Question::form("user_name", "What is your name?", &form),
                    Question::sampling("greeting", &prompt),
                    Question::roots("client_roots"),
                ];
                let answers = call.context.ask_all(&questions).await?;
                Ok(ToolResult::text(format!("{} answers", answers.len())))
            },
        ),
        read("test_input_required_result_multi_round", "Asks two questions in turn", |call| async move {
            let (name, color) = (form("name", "string"), form("color", "string"));
            let first =
                call.context.ask(Question::form("step1", "Step 1: What is your name?", &name)).await?;
            let second = "Step 2: What is your favorite color?";
            let second = call.context.ask(Question::form("step2", second, &color)).await?;
            Ok(ToolResult::text(format!("{} likes {}", field(&first, "name"), field(&second, "color"))))
        }),
        read("test_input_required_result_capabilities", "Asks only what the client can answer", capable),
        read("test_streaming_elicitation", "Asks for a confirmation", |call| async move {
            let form = form("ok", "boolean");
            call.context.ask(Question::form("confirm", "Please confirm", &form)).await?;
            Ok(ToolResult::text("confirmed"))
        }),
        read("test_missing_capability", "Needs a client with a model", |call| async move {
            let prompt = prompt("Say hello", 10);
            let answer = call.context.ask(Question::sampling("hello", &prompt)).await?;
            Ok(ToolResult::text(field(&answer, "content")))
        }),
        read("test_logging_tool", "Sends log messages", |call| async move {
            call.context.log(jackfield_runtime::LogLevel::Info, "working").await;
            Ok(ToolResult::text("Done."))
        }),
    ]
}

async fn capable(call: Call) -> Result<ToolResult, CallError> {
    let (form, prompt) = (form("name", "string"), prompt("Say hello", 10));
    let known = call.context.caller().capabilities();
    let mut questions = Vec::new();
    if known.elicitation {
        questions.push(Question::form("user_name", "What is your name?", &form));
    }
    if known.sampling {
        questions.push(Question::sampling("greeting", &prompt));
    }
    let answers = call.context.ask_all(&questions).await?;
    Ok(ToolResult::text(format!("{} answers", answers.len())))
}
