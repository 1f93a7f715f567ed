//! Converts resources, prompts and completions to protocol messages.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{
    CompleteResult, CompletionContext, CompletionInfo, ErrorCode, ErrorData, GetPromptResult, MetaObject,
    Prompt, PromptArgument, PromptMessage, ProtocolVersion, ReadResourceResult, Reference, Resource,
    ResourceContents, ResourceTemplate, Role, TASKS_EXTENSION_ID,
};
use serde_json::{Map, Value, from_value, json};

use super::tools::{block_of, member};
use crate::common::caller::Capabilities;
use crate::engine::error::CallError;
use crate::engine::listing::{ListedPrompt, ListedResource};
use crate::engine::remote_error::RemoteProblem;
use crate::engine::request::{self, TargetKind};
use crate::reply::content::{self, ResourceBody};

/// The maximum length of a URI that an error repeats, and of a URI to which clients can subscribe.
pub(super) const LONGEST_URI: usize = 2048;

/// Converts a resource to an entry of a list.
pub(super) fn resource_entry(listed: ListedResource) -> Resource {
    let mut resource = Resource::new(listed.uri, listed.name).with_description(listed.description);
    resource.title = titled(listed.title);
    let mut further = listed.further;
    resource.annotations = from_value(member(&mut further, "annotations")).unwrap_or_default();
    resource.icons = from_value(member(&mut further, "icons")).unwrap_or_default();
    resource.size = from_value(member(&mut further, "size")).unwrap_or_default();
    resource.meta = from_value(member(&mut further, "_meta")).unwrap_or_default();
    match listed.media_type {
        Some(media_type) => resource.with_mime_type(media_type),
        None => resource,
    }
}

/// Converts a resource template to an entry of a list.
pub(super) fn template_entry(listed: ListedResource) -> ResourceTemplate {
    let mut template = ResourceTemplate::new(listed.uri, listed.name).with_description(listed.description);
    template.title = titled(listed.title);
    let mut further = listed.further;
    template.annotations = from_value(member(&mut further, "annotations")).unwrap_or_default();
    template.icons = from_value(member(&mut further, "icons")).unwrap_or_default();
    template.meta = from_value(member(&mut further, "_meta")).unwrap_or_default();
    match listed.media_type {
        Some(media_type) => template.with_mime_type(media_type),
        None => template,
    }
}

/// Converts a prompt to an entry of a list.
pub(super) fn prompt_entry(listed: ListedPrompt) -> Prompt {
    let arguments = listed.arguments.into_iter().map(|argument| {
        PromptArgument::new(argument.name)
            .with_description(argument.description)
            .with_required(argument.is_required)
    });
    let mut prompt = Prompt::new(listed.name, Some(listed.description), Some(arguments.collect()));
    prompt.title = titled(listed.title);
    let mut further = listed.further;
    prompt.icons = from_value(member(&mut further, "icons")).unwrap_or_default();
    prompt.meta = from_value(member(&mut further, "_meta")).unwrap_or_default();
    prompt
}

fn titled(title: String) -> Option<String> {
    (!title.is_empty()).then_some(title)
}

/// Converts the contents of a resource to a result.
pub(super) fn resource(contents: Vec<content::ResourceContents>) -> ReadResourceResult {
    let contents = contents.into_iter().map(|it| {
        let contents = match it.body {
            ResourceBody::Text(text) => ResourceContents::text(text, it.uri),
            ResourceBody::Bytes(bytes) => ResourceContents::blob(STANDARD.encode(bytes), it.uri),
        };
        let contents = match it.meta {
            Some(meta) => contents.with_meta(MetaObject(meta)),
            None => contents,
        };
        match it.media_type {
            Some(media_type) => contents.with_mime_type(media_type),
            None => contents,
        }
    });
    ReadResourceResult::new(contents.collect())
}

/// Converts the messages of a prompt to a result.
pub(super) fn prompt(prompt: request::PromptAnswer, revision: &ProtocolVersion) -> GetPromptResult {
    let messages = prompt.messages.into_iter().map(|it| {
        let role = if it.is_from_assistant { Role::Assistant } else { Role::User };
        PromptMessage::new(role, block_of(it.content, revision))
    });
    let mut result = GetPromptResult::new(messages.collect());
    result.description = prompt.description;
    result.meta = (!prompt.meta.is_empty()).then(|| MetaObject(prompt.meta));
    result
}

/// Converts the values that complete an argument to a result.
pub(super) fn completion(found: request::CompletionValues) -> Result<CompleteResult, ErrorData> {
    let request::CompletionValues { mut values, total, has_more } = found;
    let count = values.len();
    values.truncate(CompletionInfo::MAX_VALUES);
    let is_cut = values.len() < count;
    let mut info = CompletionInfo::new(values).map_err(|error| ErrorData::internal_error(error, None))?;
    info.total = total.or_else(|| u64::try_from(count).ok()).and_then(|total| u32::try_from(total).ok());
    info.has_more = Some(is_cut || has_more.unwrap_or(false));
    Ok(CompleteResult::new(info))
}

/// Returns the values of other arguments that the client sent with a completion request.
pub(super) fn known_arguments(context: Option<CompletionContext>) -> Map<String, Value> {
    let arguments = context.and_then(|context| context.arguments).unwrap_or_default();
    arguments.into_iter().map(|(name, value)| (name, value.into())).collect()
}

/// Converts the reference to the prompt or resource template whose argument is completed.
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

/// Converts the error of a request other than a tool call. `uri` is set if the request reads a resource.
pub(super) fn failure(error: &CallError, uri: Option<&str>, is_modern: bool) -> ErrorData {
    let text = error.to_string();
    match error {
        CallError::Unknown(unknown) | CallError::NotPermitted(unknown) => match unknown.kind() {
            TargetKind::Resource => {
                let uri = uri.filter(|uri| uri.len() <= LONGEST_URI).unwrap_or(unknown.name());
                ErrorData::resource_not_found(text, Some(json!({ "uri": uri })))
            }
            _ => ErrorData::invalid_params(text, None),
        },
        CallError::Unreadable { is_absent: true, .. } => {
            let uri = uri.filter(|uri| uri.len() <= LONGEST_URI);
            ErrorData::resource_not_found(text, uri.map(|uri| json!({ "uri": uri })))
        }
        CallError::Arguments(_) | CallError::Bind(_) | CallError::ArgumentsNotPermitted(_) => {
            ErrorData::invalid_params(text, None)
        }
        CallError::Remote(error) => match error.problem() {
            RemoteProblem::Answered { code, .. } if *code == i64::from(ErrorCode::RESOURCE_NOT_FOUND.0) => {
                let uri = uri.filter(|uri| uri.len() <= LONGEST_URI);
                ErrorData::resource_not_found(text, uri.map(|uri| json!({ "uri": uri })))
            }
            RemoteProblem::Answered { code, .. } if *code == i64::from(ErrorCode::INVALID_PARAMS.0) => {
                ErrorData::invalid_params(text, None)
            }
            _ => ErrorData::internal_error(text, None),
        },
        CallError::MissingCapability(missing) if is_modern => missing_capability(*missing),
        CallError::MissingCapability(_) => ErrorData::invalid_request(text, None),
        _ => ErrorData::internal_error(text, None),
    }
}

/// The error of a task whose server answered with an error of the protocol. `None` for every other error.
#[cfg(feature = "serve")]
pub(super) fn error_of_task(error: &CallError) -> Option<ErrorData> {
    let CallError::Remote(remote) = error else { return None };
    let RemoteProblem::Answered { code, .. } = remote.problem() else { return None };
    let code = i32::try_from(*code).map_or(ErrorCode::INTERNAL_ERROR, ErrorCode);
    Some(ErrorData::new(code, error.to_string(), None))
}

/// The error for a request that needs capabilities that its client has not declared.
pub(super) fn missing_capability(missing: Capabilities) -> ErrorData {
    let each =
        [(missing.elicitation, "elicitation"), (missing.sampling, "sampling"), (missing.roots, "roots")];
    let mut required: Map<_, _> = each
        .into_iter()
        .filter(|(is_missing, _)| *is_missing)
        .map(|(_, name)| (name.to_owned(), json!({})))
        .collect();
    if missing.addresses {
        required.insert("elicitation".to_owned(), json!({ "url": {} }));
    }
    if missing.sampling_tools {
        required.insert("sampling".to_owned(), json!({ "tools": {} }));
    }
    if missing.tasks {
        required.insert("extensions".to_owned(), json!({ TASKS_EXTENSION_ID: {} }));
    }
    ErrorData::new(
        ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY,
        format!("the call needs a client that supports {missing}"),
        Some(json!({ "requiredCapabilities": required })),
    )
}

/// The error of a call that its client has cancelled.
pub(super) fn cancelled() -> ErrorData {
    ErrorData::internal_error("cancelled by the client", None)
}

pub(super) fn mismatched() -> ErrorData {
    ErrorData::internal_error("the source returned the result of another kind of request", None)
}
