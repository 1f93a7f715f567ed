//! Hand-written resources and prompts.

use jackfield_runtime::custom::{
    Content, CustomPrompt, CustomResource, CustomTemplate, PromptMessage, Question, ResourceContents,
};
use serde_json::{Value, json};

use crate::content::IMAGE;
use crate::inputs::{field, form};

pub(crate) fn resources() -> Vec<CustomResource> {
    vec![
        CustomResource::new("test://static-text", "Static text", |read| async move {
            let text = "This is the content of the static text resource.";
            Ok(vec![ResourceContents::text(read.uri, text).with_media_type("text/plain")])
        })
        .description("A text that never changes")
        .media_type("text/plain"),
        CustomResource::new("test://static-binary", "Static image", |read| async move {
            Ok(vec![ResourceContents::bytes(read.uri, IMAGE).with_media_type("image/png")])
        })
        .description("An image that never changes")
        .media_type("image/png"),
        CustomResource::new("test://watched-resource", "Watched text", |read| async move {
            Ok(vec![ResourceContents::text(read.uri, "Watched").with_media_type("text/plain")])
        })
        .description("A text that clients can subscribe to")
        .media_type("text/plain"),
    ]
}

pub(crate) fn templates() -> Vec<CustomTemplate> {
    vec![
        CustomTemplate::new("test://template/{id}/data", "Data by id", |read| async move {
            let id = read.call.args.get("id").and_then(Value::as_str).unwrap_or_default();
            let text = json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") });
            let contents = ResourceContents::text(read.uri, text.to_string());
            Ok(vec![contents.with_media_type("application/json")])
        })
        .description("The data of an id")
        .media_type("application/json")
        .completes("id", |call| async move { Ok(vec![format!("{}1", call.value)]) }),
    ]
}

pub(crate) fn prompts() -> Vec<CustomPrompt> {
    vec![
        CustomPrompt::new("test_simple_prompt", |_| async {
            Ok(vec![PromptMessage::user(Content::text("This is a simple prompt for testing."))])
        })
        .description("A prompt without arguments"),
        CustomPrompt::new("test_prompt_with_arguments", |call| async move {
            let argument = |name| call.args.get(name).and_then(Value::as_str).unwrap_or_default();
            let text =
                format!("Prompt with arguments: arg1='{}', arg2='{}'", argument("arg1"), argument("arg2"));
            Ok(vec![PromptMessage::user(Content::text(text))])
        })
        .description("A prompt with two arguments")
        .requires("arg1", "The first argument")
        .requires("arg2", "The second argument")
        .completes("arg1", |call| async move {
            let known = ["paris", "park", "party"].map(str::to_owned);
            Ok(known.into_iter().filter(|value| value.starts_with(&call.value)).collect())
        }),
        CustomPrompt::new("test_prompt_with_embedded_resource", |call| async move {
            let uri = call.args.get("resourceUri").and_then(Value::as_str).unwrap_or_default();
            let resource = ResourceContents::text(uri, "Embedded resource content for testing.");
            Ok(vec![
                PromptMessage::user(resource.with_media_type("text/plain")),
                PromptMessage::user(Content::text("Please process the embedded resource above.")),
            ])
        })
        .description("A prompt with a resource")
        .requires("resourceUri", "The address of the resource"),
        CustomPrompt::new("test_prompt_with_image", |_| async {
            Ok(vec![
                PromptMessage::user(Content::image("image/png", IMAGE)),
                PromptMessage::user(Content::text("Please analyze the image above.")),
            ])
        })
        .description("A prompt with an image"),
        CustomPrompt::new("test_input_required_result_prompt", |call| async move {
            let form = form("context", "string");
            let question = Question::form("user_context", "What context should the prompt use?", &form);
            let answer = call.context.ask(question).await?;
            Ok(vec![PromptMessage::user(Content::text(format!("Context: {}", field(&answer, "context"))))])
        })
        .description("A prompt that asks for its context"),
    ]
}
