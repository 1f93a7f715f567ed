//! A source that records its requests.

use std::fmt;
use std::sync::{Arc, Mutex};

use jackfield_gateway::config::EffectRules;
use jackfield_recipe::Effect;
use jackfield_runtime::{
    ActiveCall, Answered, CallError, CallFuture, Caller, Listed, ListedPrompt, ListedResource, Prepared,
    PreparedMcp, Reference, Source, SourceRequest, SourceResponse, ToolResult,
};
use serde_json::Map;

use super::policy::{PROMPTS, RESOURCES, TEMPLATE, TOOLS};

/// The requests that have reached sources, each with the name of its connector. Requests have the source's own names.
pub(crate) type Sent = Arc<Mutex<Vec<(&'static str, SourceRequest)>>>;

/// A source with the same tools, resources and prompts for every caller.
pub(crate) struct RecordingSource {
    pub(crate) connector: &'static str,
    pub(crate) effects: EffectRules,
    pub(crate) sent: Sent,
}

impl Source for RecordingSource {
    fn tools<'a>(&'a self, _: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        Box::new(TOOLS.iter().map(|name| Listed {
            name: (*name).to_owned(),
            title: String::new(),
            description: "A tool of the house.".to_owned(),
            input: Map::from_iter([("type".to_owned(), "object".into())]),
            output: None,
            effect: self.effects.of(name),
            idempotent: false,
            further: Map::new(),
        }))
    }

    fn has_resources(&self) -> bool {
        true
    }

    fn resources(&self, _: &Caller) -> Vec<ListedResource> {
        let resource = |uri: &str, is_template| ListedResource {
            uri: uri.to_owned(),
            is_template,
            name: uri.to_owned(),
            title: String::new(),
            description: String::new(),
            media_type: None,
            further: Map::new(),
        };
        RESOURCES.iter().map(|uri| resource(uri, false)).chain([resource(TEMPLATE, true)]).collect()
    }

    fn has_prompts(&self) -> bool {
        true
    }

    fn prompts(&self, _: &Caller) -> Vec<ListedPrompt> {
        let prompt = |name: &&str| ListedPrompt {
            name: (*name).to_owned(),
            title: String::new(),
            description: String::new(),
            arguments: Vec::new(),
            further: Map::new(),
        };
        PROMPTS.iter().map(prompt).collect()
    }

    fn has_completions(&self) -> bool {
        true
    }

    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        let has_prompt = |name: &String| PROMPTS.contains(&name.as_str()).then_some(Effect::Read);
        match request {
            SourceRequest::CallTool { name, .. } => {
                TOOLS.contains(&name.as_str()).then(|| self.effects.of(name))
            }
            SourceRequest::GetPrompt { name, .. }
            | SourceRequest::Complete { reference: Reference::Prompt(name), .. } => has_prompt(name),
            _ => Some(Effect::Read),
        }
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let server = self.connector.to_owned();
        Box::pin(std::future::ready(Ok(Prepared::Mcp(PreparedMcp { server, request, own_name: None }))))
    }

    fn send<'a>(&'a self, prepared: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
        let Prepared::Mcp(PreparedMcp { request, .. }) = prepared else { unreachable!("a request of MCP") };
        let response = match &request {
            SourceRequest::CallTool { .. } => SourceResponse::Tool(ToolResult::text("done")),
            SourceRequest::ReadResource { .. } => SourceResponse::Resource(Vec::new()),
            SourceRequest::GetPrompt { .. } => SourceResponse::Prompt(Vec::new().into()),
            _ => SourceResponse::Completion(Vec::new().into()),
        };
        self.sent.lock().unwrap().push((self.connector, request));
        Box::pin(std::future::ready(Ok::<_, CallError>(Answered::new(response))))
    }
}

impl fmt::Debug for RecordingSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordingSource({})", self.connector)
    }
}
