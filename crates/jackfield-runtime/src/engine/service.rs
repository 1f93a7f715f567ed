//! All tools of a connector under one roof: generated and hand-written, looked up by name.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use jackfield_recipe::{BYTES, Effect, nearest};
use serde_json::{Map, Value};

use crate::call::args::Args;
use crate::call::rows::{Connector, Tool};
use crate::call::schema::{InputSchema, self_contained};
use crate::common::caller::Caller;
use crate::common::progress::Progress;
use crate::engine::api::Api;
use crate::engine::custom::{Call, CustomTool};
use crate::reply::output;
use crate::reply::tool_result::ToolResult;

/// How much of an unknown name is repeated. No tool has a longer one.
const LONGEST_NAME: usize = 64;

/// Everything a connector serves.
#[derive(Clone, Debug)]
pub struct Service {
    api: Api,
    custom: Arc<[CustomTool]>,
    by_name: Arc<HashMap<String, Entry>>,
}

/// A tool as a client sees it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The name to call.
    pub name: String,
    /// The name that people read.
    pub title: String,
    /// What the model reads before it chooses.
    pub description: String,
    /// Self-contained, an object at its root.
    pub input: Map<String, Value>,
    /// The same of what comes back, where the connector was generated to say so.
    pub output: Option<Map<String, Value>>,
    /// What it does to the service.
    pub effect: Effect,
    /// Doing it twice is doing it once.
    pub idempotent: bool,
}

/// The place of a tool: a row, or a position among the hand-written ones.
#[derive(Clone, Copy, Debug)]
enum Entry {
    Generated(&'static Tool),
    Custom(usize),
}

/// One tool, of either kind.
enum Found<'a> {
    Generated(&'static Tool),
    Custom(&'a CustomTool),
}

impl Service {
    /// The generated tools of `api`, and these beside them.
    ///
    /// # Errors
    /// Two tools have the same name.
    pub fn new(api: Api, custom: Vec<CustomTool>) -> Result<Self, NameTaken> {
        let generated = api.connector().tools().map(|tool| (tool.name, Entry::Generated(tool)));
        let own = custom.iter().enumerate().map(|(at, tool)| (tool.name.as_str(), Entry::Custom(at)));
        let mut by_name = HashMap::new();
        for (name, entry) in generated.chain(own) {
            if by_name.insert(name.to_owned(), entry).is_some() {
                return Err(NameTaken(name.to_owned()));
            }
        }
        Ok(Self { api, custom: custom.into(), by_name: by_name.into() })
    }

    /// The service behind the generated tools.
    pub const fn api(&self) -> &Api {
        &self.api
    }

    /// What was generated.
    pub fn connector(&self) -> &'static Connector {
        self.api.connector()
    }

    /// Every tool, the hand-written ones last, in an order that does not change.
    pub fn list(&self) -> impl Iterator<Item = Listed> + '_ {
        let generated = self.connector().tools().map(|tool| self.show(tool));
        generated.chain(self.custom.iter().map(|tool| self.show_custom(tool)))
    }

    /// The tool of that name, as a client sees it.
    pub fn get(&self, name: &str) -> Option<Listed> {
        self.find(name).map(|found| match found {
            Found::Generated(tool) => self.show(tool),
            Found::Custom(tool) => self.show_custom(tool),
        })
    }

    /// The generated tool of that name.
    pub fn tool(&self, name: &str) -> Option<&'static Tool> {
        match self.by_name.get(name)? {
            Entry::Generated(tool) => Some(tool),
            Entry::Custom(_) => None,
        }
    }

    /// Calls a tool. What goes wrong is a result that a model can act on.
    ///
    /// # Errors
    /// There is no tool of that name.
    pub async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Result<ToolResult, UnknownTool> {
        self.call_telling(name, arguments, caller, &Progress::default()).await
    }

    /// The same, telling how far it has come.
    ///
    /// # Errors
    /// There is no tool of that name.
    pub async fn call_telling(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
    ) -> Result<ToolResult, UnknownTool> {
        match self.find(name) {
            None => Err(self.unknown(name)),
            Some(Found::Generated(tool)) => Ok(self.api.answer(tool, arguments, caller, progress).await),
            Some(Found::Custom(tool)) => Ok(self.call_custom(tool, arguments, caller, progress).await),
        }
    }

    async fn call_custom(
        &self,
        tool: &CustomTool,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
    ) -> ToolResult {
        let (connector, own) = (self.connector(), tool.clone());
        let size = self.api.size_of(&arguments);
        let fit = move || {
            let compile = || InputSchema::compile(self_contained(connector, &own.input));
            let mut value = Value::Object(arguments);
            let fitted = own.schema.get_or_init(compile).fit(&own.name, &mut value);
            fitted.map(|healed| (healed, value))
        };
        let (healed, value) = match self.api.compute(size, fit).await {
            Ok(Ok(fitted)) => fitted,
            Ok(Err(problems)) => return ToolResult::error(problems.to_string()),
            Err(late) => return ToolResult::error(late.to_string()),
        };
        let Value::Object(arguments) = value else {
            return ToolResult::error("The arguments are no object.");
        };
        let call = Call {
            args: Args::new(arguments),
            caller: caller.clone(),
            api: self.api.clone(),
            progress: progress.clone(),
        };
        let result = (tool.run)(call).await.unwrap_or_else(|error| ToolResult::error(error.to_string()));
        healed.into_iter().fold(result, ToolResult::note)
    }

    /// Names the tool that was meant, unless it does more to the service than the words that were asked with.
    pub fn unknown(&self, name: &str) -> UnknownTool {
        let asked = Effect::asked_by(name);
        let generated = self.connector().tools().map(|tool| (tool.name, tool.effect));
        let all = generated.chain(self.custom.iter().map(|tool| (tool.name.as_str(), tool.effect)));
        let near = nearest(name, all.filter(|(_, effect)| *effect <= asked).map(|(name, _)| name));
        UnknownTool { name: name.chars().take(LONGEST_NAME).collect(), near: near.map(str::to_owned) }
    }

    fn find(&self, name: &str) -> Option<Found<'_>> {
        match *self.by_name.get(name)? {
            Entry::Generated(tool) => Some(Found::Generated(tool)),
            Entry::Custom(at) => self.custom.get(at).map(Found::Custom),
        }
    }

    fn show(&self, tool: &Tool) -> Listed {
        let mut input = self_contained(self.connector(), tool.input);
        if let Some(advice) = self.api.advice_on_files() {
            tell_of_files(&mut input, &advice);
        }
        Listed {
            name: tool.name.to_owned(),
            title: tool.title.to_owned(),
            description: tool.description.to_owned(),
            input,
            output: (!tool.output.is_empty()).then(|| output::schema(self.connector(), tool.output)),
            effect: tool.effect,
            idempotent: tool.idempotent,
        }
    }

    fn show_custom(&self, tool: &CustomTool) -> Listed {
        Listed {
            name: tool.name.clone(),
            title: tool.title.clone(),
            description: tool.description.clone(),
            input: self_contained(self.connector(), &tool.input),
            output: None,
            effect: tool.effect,
            idempotent: tool.idempotent,
        }
    }
}

/// Says of every argument that is bytes that it can be a file.
fn tell_of_files(input: &mut Map<String, Value>, advice: &str) {
    for property in input.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        let (_, mut schema) = property;
        while let Some(map) = schema.as_object_mut() {
            if let Some(Value::String(said)) = map.get_mut("description")
                && said.contains(BYTES)
            {
                said.push(' ');
                said.push_str(advice);
            }
            match map.get_mut("items") {
                Some(items) => schema = items,
                None => break,
            }
        }
    }
}

/// Two tools want the same name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken(String);

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "two tools are called `{}`: rename the hand-written one in src/custom.rs, or the other in connector.toml",
            self.0
        )
    }
}

impl std::error::Error for NameTaken {}

/// A tool that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownTool {
    name: String,
    near: Option<String>,
}

impl fmt::Display for UnknownTool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no tool `{}`", self.name)?;
        self.near.as_ref().map_or(Ok(()), |near| write!(f, "; did you mean `{near}`?"))
    }
}

impl std::error::Error for UnknownTool {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::environment::Environment;

    #[test]
    fn suggested_tool_has_no_stronger_effect_than_asked() {
        static TOOLS: &[&Tool] = &[
            &Tool::new("delete_books", "DELETE", "/books", |_, _| Ok(())).effect(Effect::Destroy),
            &Tool::new("set_book", "PUT", "/books", |_, _| Ok(())).effect(Effect::Write),
            &Tool::new("get_bookie", "GET", "/bookie", |_, _| Ok(())).effect(Effect::Read),
        ];
        static GROUPS: &[crate::call::rows::Group] = &[crate::call::rows::Group::new("books", TOOLS)];
        static SHOP: Connector = Connector::new("shop").groups(GROUPS);
        let custom = CustomTool::new("get_bookz", |_| async { Ok(ToolResult::text("")) });
        let service =
            Service::new(Api::new(&SHOP, Environment::of([] as [(&str, &str); 0])), vec![custom]).unwrap();
        for (asked, meant) in [
            // `set_book` and the custom tool, which counts as one that destroys, are nearer.
            ("get_book", Some("get_bookie")),
            ("set_bok", Some("set_book")),
            ("delete_book", Some("delete_books")),
            ("elete_books", None),
            ("select_books", None),
            ("list_books", None),
        ] {
            assert_eq!(service.unknown(asked).near.as_deref(), meant, "{asked}");
        }
        let long = service.unknown(&"x".repeat(1_000_000)).to_string();
        assert!(long.len() < 200, "{}", long.len());
    }

    #[test]
    fn files_are_spoken_of_where_bytes_are() {
        let schema = serde_json::json!({ "properties": {
            "cover": { "description": format!("The cover. {BYTES}") },
            "pages": { "items": { "description": BYTES } },
            "title": { "description": "The title." },
        } });
        let mut input = schema.as_object().cloned().unwrap();
        tell_of_files(&mut input, "Or a file.");
        let text = Value::Object(input).to_string();
        assert!(
            text.contains(
                "The cover. Bytes in base64, or a data URI; other text is sent as it is. Or a file."
            ),
            "{text}"
        );
        assert!(
            text.contains("\"Bytes in base64, or a data URI; other text is sent as it is. Or a file.\""),
            "{text}"
        );
        assert!(text.contains("\"The title.\""), "{text}");
    }
}
