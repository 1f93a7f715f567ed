//! Stores the reply of a call in a file, below the folders that the user has allowed.

mod error;
mod partial_file;
mod problem;
mod target;

use std::path::{Component, Path};
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::folders::{AllowedFolders, PathProblem, Refused, local_path};
use crate::call::args::ArgError;
use crate::call::rows::Tool;
use crate::common::caller::{Caller, Principal};
use crate::common::environment::{Environment, Setting};
use error::SaveError;

pub(crate) use partial_file::{PartialFile, SavedFile};
pub(crate) use problem::SaveProblem;
pub(crate) use target::SaveTarget;

/// The default size limit of a stored reply.
const LIMIT: u64 = 2 << 30;

/// The names of two arguments: the first argument chooses the file, and the second allows the call to replace an existing file. The second
/// pair of names is for tools that already have an argument with a name of the first pair.
const ARGUMENTS: [SaveArguments; 2] = [
    SaveArguments { path: "save_to", replaces: "save_over" },
    SaveArguments { path: "save_reply_to", replaces: "save_reply_over" },
];

/// The names of the two arguments of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SaveArguments {
    path: &'static str,
    replaces: &'static str,
}

/// The folders in which replies may be stored. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Downloads {
    allowed: Arc<AllowedFolders>,
    /// Whether the caller is the user of this machine. Only this user may store files.
    is_of_local_user: bool,
}

impl Downloads {
    /// Reads the folders and the limit from `<CONNECTOR>_DOWNLOADS` and `<CONNECTOR>_DOWNLOADS_LIMIT`.
    pub(crate) fn of(connector: &str, environment: &Environment) -> Self {
        let settings = (Setting::Downloads, Setting::DownloadsLimit);
        let allowed = AllowedFolders::of(connector, environment, settings, LIMIT);
        Self { allowed: Arc::new(allowed), is_of_local_user: false }
    }

    /// Returns the folders for a caller. Only the user who runs the connector may store files.
    pub(crate) fn of_caller(&self, caller: &Caller) -> Self {
        Self { is_of_local_user: *caller.principal() == Principal::Local, ..self.clone() }
    }

    /// Whether the caller can store replies at all.
    pub(crate) fn is_offered(&self) -> bool {
        self.is_of_local_user && !self.allowed.is_empty()
    }

    /// Returns the arguments with which a call stores the tool's reply in a file. Returns `None` in three cases: the caller may not store
    /// replies, the tool has an output schema that the result must match, or the tool's replies cannot be large.
    pub(crate) fn arguments(&self, tool: &Tool<'_>) -> Option<SaveArguments> {
        let is_offered =
            self.is_offered() && tool.output.is_empty() && tool.method != "HEAD" && may_be_large(tool);
        let is_free = |arguments: &SaveArguments| {
            [arguments.path, arguments.replaces]
                .iter()
                .all(|name| !tool.input.contains(&format!("\"{name}\"")))
        };
        ARGUMENTS.into_iter().filter(|_| is_offered).find(is_free)
    }

    /// Adds the two arguments to an input schema.
    pub(crate) fn describe(&self, arguments: SaveArguments, input: &mut Map<String, Value>) {
        let SaveArguments { path, replaces } = arguments;
        let folders = self.allowed.shown();
        let properties = input.entry("properties").or_insert_with(|| json!({}));
        if let Some(properties) = properties.as_object_mut() {
            let says = format!("Stores the reply in this new file below {folders} instead of returning it.");
            properties.insert(path.to_owned(), json!({ "type": "string", "description": says }));
            let says = format!("Whether `{path}` may name an existing file, which is then replaced.");
            properties.insert(replaces.to_owned(), json!({ "type": "boolean", "description": says }));
        }
    }

    /// Removes the two arguments from `arguments` without reading them.
    #[cfg(feature = "serve")]
    pub(crate) fn leave_out(&self, tool: &Tool<'_>, arguments: &mut Map<String, Value>) {
        if let Some(names) = self.arguments(tool) {
            _ = (arguments.remove(names.replaces), arguments.remove(names.path));
        }
    }

    /// Removes the two arguments for downloads from `arguments`, because the service does not get them. Opens the target file. Returns
    /// `None` if the call does not store its reply.
    pub(crate) fn take(
        &self,
        tool: &Tool<'_>,
        arguments: &mut Map<String, Value>,
    ) -> Result<Option<SaveTarget>, ArgError> {
        let Some(names) = self.arguments(tool) else { return Ok(None) };
        let replaces = match arguments.remove(names.replaces) {
            None | Some(Value::Null) => false,
            Some(Value::Bool(replaces)) => replaces,
            Some(_) => return Err(ArgError::new(names.replaces, SaveError::NoBoolean)),
        };
        match arguments.remove(names.path) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => {
                let target = self.target(&text, replaces, names);
                target.map(Some).map_err(|error| ArgError::new(names.path, error))
            }
            Some(_) => Err(ArgError::new(names.path, SaveError::NoText)),
        }
    }

    fn target(&self, text: &str, replaces: bool, names: SaveArguments) -> Result<SaveTarget, SaveError> {
        let limit = self.allowed.limit().map_err(SaveError::Limit)?;
        let path = match text.strip_prefix("file:") {
            Some(rest) => local_path(rest).map_err(SaveError::Path)?,
            None => self.allowed.first().unwrap_or(Path::new("")).join(text),
        };
        if let Some(problem) = PathProblem::of(&path) {
            return Err(SaveError::Path(problem));
        }
        let name = path.file_name().filter(|_| !text.ends_with(['/', '\\'])).ok_or(SaveError::NoName)?;
        let name = name.to_owned();
        let folder = path.parent().unwrap_or(Path::new(""));
        let folder = self.allowed.open_folder(folder).map_err(|refused| match refused {
            Refused::Outside => SaveError::Outside { allowed: self.allowed.shown() },
            Refused::NoRoot => SaveError::FolderNotThere,
            Refused::NoFile | Refused::Io(_) => SaveError::NoFolder(folder.to_owned()),
        })?;
        if self.allowed.has_hidden_part(&path) {
            return Err(SaveError::Hidden);
        }
        if name.as_encoded_bytes().iter().any(u8::is_ascii_control) {
            return Err(SaveError::Path(PathProblem::NulCharacter));
        }
        match folder.is_file(&name).map_err(|error| SaveError::Unwritable(error.into()))? {
            None => {}
            Some(false) => return Err(SaveError::NoFile),
            Some(true) if !replaces => return Err(SaveError::Exists { argument: names.replaces }),
            Some(true) => {}
        }
        let limit_variable = self.allowed.limit_variable.clone();
        Ok(SaveTarget { folder: Arc::new(folder), name, path, replaces, limit, limit_variable })
    }
}

impl AllowedFolders {
    /// Whether a name below the allowed folder begins with a dot. Many programs read their settings from such files.
    fn has_hidden_part(&self, path: &Path) -> bool {
        let is_hidden = |part: Component<'_>| matches!(part, Component::Normal(name) if name.as_encoded_bytes().starts_with(b"."));
        self.below(path).is_none_or(|below| below.components().any(is_hidden))
    }
}

/// Whether a reply may be too large for a result: the tool only reads, or its replies may have a media type other than JSON.
fn may_be_large(tool: &Tool<'_>) -> bool {
    let is_json = |media_type: &str| {
        let essence = media_type.split(';').next().unwrap_or_default().trim();
        essence == "application/json" || essence.ends_with("+json") || essence == "*/*"
    };
    tool.effect == jackfield_recipe::Effect::Read || !tool.accept.split(',').all(is_json)
}

#[cfg(test)]
mod tests;
