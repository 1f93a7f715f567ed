//! Tools that a service does not have, and tools that it withholds until a person accepts them (ADR 0064).

use jackfield_recipe::{Effect, nearest};

use super::Service;
use crate::call::withheld_tool::WithheldTool;
use crate::common::caller::Caller;
use crate::engine::error::CallError;
use crate::engine::request::{SourceRequest, TargetKind};
use crate::engine::unknown::UnknownName;

impl Service {
    /// Returns the tools that are withheld until the user who runs the service accepts them.
    pub fn withheld(&self) -> &[WithheldTool] {
        self.rows().withheld()
    }

    /// Whether the service has no tools because all of them are withheld.
    #[cfg(feature = "http")]
    pub(crate) fn withholds_every_tool(&self) -> bool {
        !self.withheld().is_empty() && self.own_count() == 0
    }

    /// Returns the reason why the tool `name` is withheld and the way to accept it, for the user who runs the service.
    pub(super) fn advice_on_withheld(&self, name: &str) -> Option<String> {
        let tool = self.withheld().iter().find(|tool| tool.name == name)?;
        Some(format!("it is withheld, because {}: {}", tool.because, self.rows().remedy()))
    }

    /// Returns the error for a call of a withheld tool, if the caller may call the tool once it is accepted. Every other caller gets the
    /// error for an unknown name.
    ///
    /// The error does not say what has changed, because nobody has reviewed that text. It does not say how to accept the tool either,
    /// because the model that reads the error might do so itself.
    pub(super) fn withheld_from(&self, name: &str, caller: &Caller) -> Option<CallError> {
        let tool = self.withheld().iter().find(|tool| tool.name == name)?;
        self.permits(caller, &tool.name, tool.effect).then(|| CallError::NotAccepted(tool.name.clone()))
    }

    /// Returns the error of [`withheld_from`](Self::withheld_from) if the request is a call of a withheld tool.
    pub(super) fn withheld_target(&self, request: &SourceRequest, caller: &Caller) -> Option<CallError> {
        match request {
            SourceRequest::CallTool { name, .. } => self.withheld_from(name, caller),
            _ => None,
        }
    }

    /// Adds a suggestion to the error about a hidden tool, so that it equals the error about an unknown tool.
    pub(super) fn hide(&self, error: CallError, caller: &Caller) -> CallError {
        match error {
            CallError::NotPermitted(unknown) if unknown.kind() == TargetKind::Tool => {
                let may_be = |near: &str, effect| self.permits(caller, near, effect);
                CallError::NotPermitted(self.nearest_to(unknown.name(), may_be))
            }
            other => other,
        }
    }

    /// Returns the error for an unknown tool, for the user who runs the service. The error suggests the tool that was probably meant, or
    /// says why the tool is withheld. A tool whose effect is stronger than the requested name implies is not suggested.
    pub fn unknown(&self, name: &str) -> UnknownName {
        match self.advice_on_withheld(name) {
            Some(advice) => UnknownName::tool(name).with_advice(advice),
            None => self.nearest_to(name, |_, _| true),
        }
    }

    /// Returns the error for an unknown target. It suggests the tool that was probably meant, among the tools that the caller may see.
    pub(super) fn unknown_to(&self, request: &SourceRequest, caller: &Caller) -> UnknownName {
        match request {
            SourceRequest::CallTool { name, .. } => {
                let row = self.tool(name).filter(|tool| !tool.get().is_tool());
                let row = row.filter(|tool| self.permits(caller, name, tool.get().effect));
                if let Some(resource) = row.and_then(|tool| Some(tool.get().resource?.uri.to_owned())) {
                    return UnknownName::tool(name).with_advice(format!("read the resource `{resource}`"));
                }
                self.nearest_to(name, |near, effect| self.permits(caller, near, effect))
            }
            other => UnknownName::target_of(other),
        }
    }

    fn nearest_to(&self, name: &str, may_be: impl Fn(&str, Effect) -> bool) -> UnknownName {
        let asked = Effect::asked_by(name);
        let generated = self.connector().called_tools().map(|tool| (tool.name, tool.effect));
        let generated = generated.chain(self.merges());
        let all = generated.chain(self.custom.iter().map(|tool| (tool.name.as_str(), tool.effect)));
        let all = all.filter(|(near, effect)| *effect <= asked && may_be(near, *effect));
        UnknownName::tool(name).with_near(nearest(name, all.map(|(name, _)| name)))
    }
}
