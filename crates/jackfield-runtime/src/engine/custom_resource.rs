//! Hand-written resources and resource templates.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use super::completion::{Completer, CompletionCall, completer};
use super::custom::Call;
use super::error::CallError;
use super::listing::ListedResource;
use super::pending::Pending;
use crate::reply::content::ResourceContents;
use jackfield_recipe::{UriTemplate, VariableKind};
use serde_json::{Map, Value};

/// A request for the contents of a hand-written resource.
#[derive(Debug)]
pub struct ReadCall {
    /// The URI that the client asks for.
    pub uri: String,
    /// The variables of the template as arguments, the service, and the caller.
    pub call: Call,
}

pub(crate) type Reader =
    Arc<dyn Fn(ReadCall) -> Pending<'static, Result<Vec<ResourceContents>, CallError>> + Send + Sync>;

fn reader<F, R>(read: F) -> Reader
where
    F: Fn(ReadCall) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Vec<ResourceContents>, CallError>> + Send + 'static,
{
    Arc::new(move |call| Box::pin(read(call)))
}

/// Defines the setters for the properties of a hand-written resource or template that clients see.
macro_rules! listed_setters {
    ($kind:ident) => {
        impl $kind {
            /// Sets the description for models.
            #[must_use]
            pub fn description(mut self, description: impl Into<String>) -> Self {
                self.listed.description = description.into();
                self
            }

            /// Sets the media type of the contents.
            #[must_use]
            pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
                self.listed.media_type = Some(media_type.into());
                self
            }
        }
    };
}

listed_setters!(CustomResource);
listed_setters!(CustomTemplate);

/// A hand-written resource with one URI.
#[derive(Clone)]
pub struct CustomResource {
    pub(crate) listed: ListedResource,
    pub(crate) read: Reader,
}

impl CustomResource {
    /// Creates a resource with a URI and a name for people.
    pub fn new<F, R>(uri: impl Into<String>, name: impl Into<String>, read: F) -> Self
    where
        F: Fn(ReadCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<ResourceContents>, CallError>> + Send + 'static,
    {
        Self { listed: listed(uri.into(), name.into(), false), read: reader(read) }
    }
}

/// Hand-written resources whose URIs match a template.
#[derive(Clone)]
pub struct CustomTemplate {
    pub(crate) listed: ListedResource,
    pub(crate) template: UriTemplate,
    pub(crate) read: Reader,
    pub(crate) completers: Vec<(String, Completer)>,
}

impl CustomTemplate {
    /// Creates a resource template with a name for people. `{id}` matches text without a slash, and `{+path}` matches any text.
    /// `{?from,tags*}` at the end matches query parameters; `tags` may be repeated, and its value is an array.
    pub fn new<F, R>(template: impl Into<String>, name: impl Into<String>, read: F) -> Self
    where
        F: Fn(ReadCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<ResourceContents>, CallError>> + Send + 'static,
    {
        let listed = listed(template.into(), name.into(), true);
        let template = UriTemplate::parse_lenient(&listed.uri);
        Self { listed, template, read: reader(read), completers: Vec::new() }
    }

    /// Returns the values of the variables in `uri`, or `None` if `uri` does not match the template.
    pub(crate) fn arguments(&self, uri: &str) -> Option<Map<String, Value>> {
        let is_list = |name: &str| {
            let mut variables = self.template.variables();
            variables.any(|it| it.name == name && it.kind == VariableKind::Parameters)
        };
        let values = self.template.matches(uri)?.into_iter().map(|(name, mut values)| {
            let value = match is_list(&name) {
                true => values.into(),
                false => values.pop().unwrap_or_default().into(),
            };
            (name, value)
        });
        Some(values.collect())
    }

    /// Sets the function that suggests values for a variable.
    #[must_use]
    pub fn completes<F, R>(mut self, variable: impl Into<String>, complete: F) -> Self
    where
        F: Fn(CompletionCall) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Vec<String>, CallError>> + Send + 'static,
    {
        self.completers.push((variable.into(), completer(complete)));
        self
    }
}

fn listed(uri: String, name: String, is_template: bool) -> ListedResource {
    ListedResource {
        uri,
        is_template,
        name,
        title: String::new(),
        description: String::new(),
        media_type: None,
        further: serde_json::Map::new(),
    }
}

impl fmt::Debug for CustomResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomResource({})", self.listed.uri)
    }
}

impl fmt::Debug for CustomTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CustomTemplate({})", self.listed.uri)
    }
}
