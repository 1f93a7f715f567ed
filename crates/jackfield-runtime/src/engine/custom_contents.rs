//! Hand-written resources and prompts as a source.

use std::sync::Arc;

use jackfield_recipe::Effect;
use serde_json::{Map, Value};

use super::answer::Answered;
use super::api::Api;
use super::completion::{Completer, CompletionCall};
use super::context::ActiveCall;
use super::custom::Call;
use super::custom_prompt::CustomPrompt;
use super::custom_resource::{CustomResource, CustomTemplate, ReadCall, Reader};
use super::custom_set::Custom;
use super::error::CallError;
use super::listing::{ListedPrompt, ListedResource};
use super::prepared::{Prepared, PreparedCustom};
use super::request::{Reference, SourceRequest, SourceResponse};
use super::resource_updates::ResourceUpdates;
use super::source::{CallFuture, Source};
use crate::call::args::{ArgError, Args};
use crate::call::argument_problem::ArgumentProblem;
use crate::common::caller::Caller;

/// The hand-written resources, templates and prompts of a connector.
pub(crate) struct CustomContents {
    api: Api,
    resources: Vec<CustomResource>,
    templates: Vec<CustomTemplate>,
    prompts: Vec<CustomPrompt>,
    updates: Option<ResourceUpdates>,
}

impl CustomContents {
    /// Creates the source from the resources, templates and prompts in `custom`. Returns `None` if there are none.
    pub(crate) fn of(api: &Api, custom: Custom) -> Option<Arc<dyn Source>> {
        let Custom { resources, templates, prompts, updates, .. } = custom;
        let is_empty = resources.is_empty() && templates.is_empty() && prompts.is_empty();
        let contents = || Self { api: api.clone().nested(), resources, templates, prompts, updates };
        (!is_empty).then(|| Arc::new(contents()) as Arc<dyn Source>)
    }

    /// Returns the reader of the resource at `uri`, and the values of its template variables.
    fn reader(&self, uri: &str) -> Option<(&Reader, Map<String, Value>)> {
        if let Some(resource) = self.resources.iter().find(|resource| resource.listed.uri == uri) {
            return Some((&resource.read, Map::new()));
        }
        let mut templates = self.templates.iter();
        templates.find_map(|it| Some((&it.read, it.arguments(uri)?)))
    }

    fn prompt(&self, name: &str) -> Option<&CustomPrompt> {
        self.prompts.iter().find(|prompt| prompt.listed.name == name)
    }

    /// Returns the completers of a prompt or a template.
    fn completers(&self, reference: &Reference) -> Option<&[(String, Completer)]> {
        match reference {
            Reference::Prompt(name) => self.prompt(name).map(|prompt| prompt.completers.as_slice()),
            Reference::Template(uri) => {
                let mut templates = self.templates.iter();
                templates.find(|it| it.listed.uri == *uri).map(|it| it.completers.as_slice())
            }
        }
    }
}

impl Source for CustomContents {
    fn has_resources(&self) -> bool {
        !self.resources.is_empty() || !self.templates.is_empty()
    }

    fn resources(&self, _: &Caller) -> Vec<ListedResource> {
        let fixed = self.resources.iter().map(|resource| &resource.listed);
        fixed.chain(self.templates.iter().map(|template| &template.listed)).cloned().collect()
    }

    fn has_prompts(&self) -> bool {
        !self.prompts.is_empty()
    }

    fn prompts(&self, _: &Caller) -> Vec<ListedPrompt> {
        self.prompts.iter().map(|prompt| prompt.listed.clone()).collect()
    }

    fn has_completions(&self) -> bool {
        let prompts = self.prompts.iter().any(|prompt| !prompt.completers.is_empty());
        prompts || self.templates.iter().any(|template| !template.completers.is_empty())
    }

    fn updates(&self) -> Option<&ResourceUpdates> {
        self.updates.as_ref()
    }

    fn effect(&self, request: &SourceRequest) -> Option<Effect> {
        let is_here = match request {
            SourceRequest::ReadResource { uri } => self.reader(uri).is_some(),
            SourceRequest::GetPrompt { name, .. } => self.prompt(name).is_some(),
            SourceRequest::Complete { reference, .. } => self.completers(reference).is_some(),
            SourceRequest::CallTool { .. } => false,
        };
        is_here.then_some(Effect::Read)
    }

    fn prepare<'a>(&'a self, request: SourceRequest, _: &'a ActiveCall) -> CallFuture<'a, Prepared> {
        let prepared = self.prepare_now(request);
        Box::pin(std::future::ready(prepared))
    }

    fn send<'a>(&'a self, prepared: Prepared, call: &'a ActiveCall) -> CallFuture<'a, Answered> {
        Box::pin(async move {
            match prepared {
                Prepared::Custom(PreparedCustom { run, .. }) => Ok(Answered::new(run(call.clone()).await?)),
                _ => Err(CallError::unknown_tool("")),
            }
        })
    }
}

impl CustomContents {
    fn prepare_now(&self, request: SourceRequest) -> Result<Prepared, CallError> {
        let api = self.api.clone();
        match request {
            SourceRequest::ReadResource { uri } => {
                let Some((read, variables)) = self.reader(&uri) else {
                    return Err(CallError::unknown(&SourceRequest::ReadResource { uri }));
                };
                let read = Arc::clone(read);
                Ok(PreparedCustom::of(move |call| {
                    let call = Call { args: Args::new(variables), api, context: call.context };
                    Box::pin(async move { Ok(SourceResponse::Resource(read(ReadCall { uri, call }).await?)) })
                }))
            }
            SourceRequest::GetPrompt { name, arguments } => {
                let Some(prompt) = self.prompt(&name) else {
                    return Err(CallError::unknown(&SourceRequest::GetPrompt { name, arguments }));
                };
                check(prompt, &arguments).map_err(CallError::Bind)?;
                let make = Arc::clone(&prompt.make);
                Ok(PreparedCustom::of(move |call| {
                    let call = Call { args: Args::new(arguments), api, context: call.context };
                    Box::pin(async move { Ok(SourceResponse::Prompt(make(call).await?.into())) })
                }))
            }
            SourceRequest::Complete { reference, argument, value, .. } => {
                let completers = self.completers(&reference).into_iter().flatten();
                let mut completers = completers.filter(|(name, _)| *name == argument);
                let found = completers.next().map(|(_, complete)| Arc::clone(complete));
                Ok(PreparedCustom::of(move |call| {
                    let call = CompletionCall { value, api, context: call.context };
                    Box::pin(async move {
                        // An argument without a completer has no suggestions.
                        let values = match found {
                            Some(complete) => complete(call).await?,
                            None => Vec::new(),
                        };
                        Ok(SourceResponse::Completion(values.into()))
                    })
                }))
            }
            request @ SourceRequest::CallTool { .. } => Err(CallError::unknown(&request)),
        }
    }
}

/// Checks that all required arguments of a prompt are present, and that all arguments are strings.
fn check(prompt: &CustomPrompt, arguments: &Map<String, Value>) -> Result<(), ArgError> {
    for argument in &prompt.listed.arguments {
        match arguments.get(&argument.name) {
            None if argument.is_required => {
                return Err(ArgError::new(&argument.name, ArgumentProblem::Required));
            }
            None | Some(Value::String(_)) => {}
            Some(_) => return Err(ArgError::new(&argument.name, ArgumentProblem::NoText)),
        }
    }
    Ok(())
}
