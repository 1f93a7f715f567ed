//! Resources, prompts and completions as protocol messages.

use rmcp::model::{
    CompleteResult, CompletionInfo, ContentBlock, ErrorData, GetPromptResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, Prompt, PromptArgument, PromptMessage,
    ReadResourceResult, Reference, Resource, ResourceContents, ResourceTemplate, Role,
};

use crate::engine::error::CallError;
use crate::engine::listing::{ListedPrompt, ListedResource};
use crate::engine::outcome::Outcome;
use crate::engine::request::{self, SourceResponse};

pub(super) fn resources(listed: Vec<ListedResource>) -> ListResourcesResult {
    let listed = listed.into_iter().filter(|it| !it.is_template).map(|it| {
        let resource = Resource::new(it.uri, it.name).with_description(it.description);
        match it.media_type {
            Some(media_type) => resource.with_mime_type(media_type),
            None => resource,
        }
    });
    ListResourcesResult::with_all_items(listed.collect())
}

pub(super) fn templates(listed: Vec<ListedResource>) -> ListResourceTemplatesResult {
    let listed = listed.into_iter().filter(|it| it.is_template).map(|it| {
        let template = ResourceTemplate::new(it.uri, it.name).with_description(it.description);
        match it.media_type {
            Some(media_type) => template.with_mime_type(media_type),
            None => template,
        }
    });
    ListResourceTemplatesResult::with_all_items(listed.collect())
}

pub(super) fn prompts(listed: Vec<ListedPrompt>) -> ListPromptsResult {
    let listed = listed.into_iter().map(|it| {
        let arguments = it.arguments.into_iter().map(|argument| {
            PromptArgument::new(argument.name)
                .with_description(argument.description)
                .with_required(argument.is_required)
        });
        Prompt::new(it.name, Some(it.description), Some(arguments.collect()))
    });
    ListPromptsResult::with_all_items(listed.collect())
}

/// The contents of a resource.
pub(super) fn resource(outcome: Outcome) -> Result<ReadResourceResult, ErrorData> {
    let SourceResponse::Resource(contents) = response(outcome)? else { return Err(mismatched()) };
    let contents = contents.into_iter().map(|it| {
        let contents = ResourceContents::text(it.text, it.uri);
        match it.media_type {
            Some(media_type) => contents.with_mime_type(media_type),
            None => contents,
        }
    });
    Ok(ReadResourceResult::new(contents.collect()))
}

/// The messages of a prompt.
pub(super) fn prompt(outcome: Outcome) -> Result<GetPromptResult, ErrorData> {
    let SourceResponse::Prompt(messages) = response(outcome)? else { return Err(mismatched()) };
    let messages = messages.into_iter().map(|it| {
        let role = if it.is_from_assistant { Role::Assistant } else { Role::User };
        PromptMessage::new(role, ContentBlock::text(it.text))
    });
    Ok(GetPromptResult::new(messages.collect()))
}

/// The values that complete an argument.
pub(super) fn completion(outcome: Outcome) -> Result<CompleteResult, ErrorData> {
    let SourceResponse::Completion(mut values) = response(outcome)? else { return Err(mismatched()) };
    values.truncate(CompletionInfo::MAX_VALUES);
    let info = CompletionInfo::new(values).map_err(|error| ErrorData::internal_error(error, None))?;
    Ok(CompleteResult::new(info))
}

/// The prompt or the template whose argument is completed.
pub(super) fn reference(reference: Reference) -> Result<request::Reference, ErrorData> {
    match reference {
        Reference::Prompt(prompt) => Ok(request::Reference::Prompt(prompt.name)),
        Reference::Resource(template) => Ok(request::Reference::Template(template.uri)),
        _ => Err(ErrorData::invalid_params(
            "only arguments of prompts and resource templates are completed",
            None,
        )),
    }
}

fn response(outcome: Outcome) -> Result<SourceResponse, ErrorData> {
    outcome.result.map_err(|error| match error {
        CallError::Unknown(_) | CallError::NotPermitted(_) => {
            ErrorData::resource_not_found(error.to_string(), None)
        }
        _ => ErrorData::internal_error(error.to_string(), None),
    })
}

fn mismatched() -> ErrorData {
    ErrorData::internal_error("the source answered another request", None)
}
