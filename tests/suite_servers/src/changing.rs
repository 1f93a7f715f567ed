//! A source whose lists change while it is served.

use std::sync::Arc;

use jackfield_runtime::custom::{CustomTool, ToolResult};
use jackfield_runtime::{
    ActiveCall, Answered, CallError, CallFuture, Caller, Effect, Listed, ListedPrompt, Prepared, PreparedMcp,
    Source, SourceRequest, SourceResponse,
};
use serde_json::Map;
use tokio::sync::watch;

use crate::content::read;

/// A tool, and a prompt if the server has prompts, that are listed in every second version.
pub(crate) struct Changing {
    version: watch::Sender<u64>,
    has_prompts: bool,
}

impl Changing {
    pub(crate) fn new(has_prompts: bool) -> Self {
        Self { version: watch::Sender::new(0), has_prompts }
    }

    fn is_shown(&self) -> bool {
        *self.version.borrow() % 2 == 1
    }
}

/// Returns the tools that change the lists.
pub(crate) fn tools(changing: &Arc<Changing>) -> Vec<CustomTool> {
    let change = |name| {
        let changing = Arc::clone(changing);
        read(name, "Changes the lists", move |_| {
            let changing = Arc::clone(&changing);
            async move {
                changing.version.send_modify(|version| *version += 1);
                Ok(ToolResult::text("Changed."))
            }
        })
    };
    let mut tools = vec![change("test_trigger_tool_change")];
    tools.extend(changing.has_prompts.then(|| change("test_trigger_prompt_change")));
    tools
}

impl Source for Changing {
    fn version(&self) -> u64 {
        *self.version.borrow()
    }

    fn changes(&self) -> Option<watch::Receiver<u64>> {
        Some(self.version.subscribe())
    }

    fn tools<'a>(&'a self, _: &'a Caller) -> Box<dyn Iterator<Item = Listed> + 'a> {
        let input = Map::from_iter([("type".to_owned(), "object".into())]);
        let tool = Listed {
            name: "sometimes".to_owned(),
            title: "Sometimes here".to_owned(),
            description: "A tool that is not always listed".to_owned(),
            input,
            output: None,
            effect: Effect::Read,
            idempotent: true,
            further: Map::new(),
        };
        Box::new(self.is_shown().then_some(tool).into_iter())
    }

    fn has_prompts(&self) -> bool {
        self.has_prompts
    }

    fn prompts(&self, _: &Caller) -> Vec<ListedPrompt> {
        let description = "A prompt that is not always listed".to_owned();
        let prompt = ListedPrompt {
            name: "sometimes".to_owned(),
            title: String::new(),
            description,
            arguments: Vec::new(),
            further: Map::new(),
        };
        (self.has_prompts && self.is_shown()).then_some(prompt).into_iter().collect()
    }

    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        matches!(request, SourceRequest::CallTool { name, .. } if name == "sometimes").then_some(Effect::Read)
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let prepared = Prepared::Mcp(PreparedMcp { server: "suite".to_owned(), request, own_name: None });
        Box::pin(std::future::ready(Ok::<_, CallError>(prepared)))
    }

    fn send<'a>(&'a self, _: Prepared, _: &'a ActiveCall) -> CallFuture<'a, Answered> {
        let answered = Answered::new(SourceResponse::Tool(ToolResult::text("I am here.")));
        Box::pin(std::future::ready(Ok(answered)))
    }
}
