//! Selectors of operations, and how specific each is.

use jackfield_model::{Candidate, Effect, Group, Operation, ToolName, fits_glob};

/// A selector of operations: by tool name, `operationId`, method, path, tag or effect. `*` stands for any text,
/// and `!` before a selector selects all other operations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    text: String,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    All,
    Route {
        method: String,
        path: String,
    },
    /// The name of a tool, or an `operationId`.
    Name(String),
    Tool(String),
    Id(String),
    Path(String),
    Method(String),
    Tag(String),
    Effect(Effect),
    Not(Box<Self>),
}

/// The specificity of a selector. If two selectors choose one tool, the selector whose variant comes first here takes precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Specificity {
    /// `GET /books/{id}`
    Route,
    /// `get_book`
    Tool,
    /// `getBook`
    OperationId,
    /// The name of the tool into which `[merge]` merges the operation.
    MergedTool,
    /// `/books/{id}`
    Path,
    /// A name, route or path with `*`.
    Pattern,
    /// `tag:books`
    Tag,
    /// `method:GET` or `effect:read`
    MethodOrEffect,
    /// `!tag:books`
    Not,
    /// `*`
    All,
}

/// The properties of an operation that selectors match.
#[derive(Clone, Debug)]
pub struct Facts<'f> {
    /// The method, in upper case.
    pub method: &'f str,
    /// The path template.
    pub path: &'f str,
    /// `operationId`, if it has one.
    pub id: Option<&'f str>,
    /// The tags.
    pub tags: Vec<&'f str>,
    /// The name of its tool, once it is chosen.
    pub tool: Option<&'f str>,
    /// The name of the tool into which `[merge]` merges it.
    pub merged: Option<&'f str>,
    /// Its effect, once it is judged.
    pub effect: Option<Effect>,
    /// Whether an extension of the document hides it.
    pub is_hidden: bool,
}

impl<'f> Facts<'f> {
    /// Returns the properties of an operation that has not been lowered.
    pub fn of_candidate(candidate: &'f Candidate<'_>) -> Self {
        Self {
            method: candidate.method.as_str(),
            path: &candidate.path,
            id: candidate.id,
            tags: candidate.tags.clone(),
            tool: None,
            merged: None,
            effect: None,
            is_hidden: candidate.is_hidden,
        }
    }

    /// Returns the properties of an operation of `group`. For an operation without tags, the name of its group counts
    /// as its tag.
    pub fn of_operation(group: &'f Group, operation: &'f Operation) -> Self {
        let tags = operation.stated.tags.iter().map(String::as_str);
        Self {
            method: operation.method.as_str(),
            path: &operation.path,
            id: operation.id.as_ref().map(|id| id.as_str()),
            tags: std::iter::once(group.tag.as_str()).chain(tags).collect(),
            tool: None,
            merged: None,
            effect: None,
            is_hidden: false,
        }
    }

    /// Adds the name and the effect of the tool.
    #[must_use]
    pub fn of_tool(self, name: &'f ToolName, effect: Effect) -> Self {
        Self { tool: Some(name.as_str()), effect: Some(effect), ..self }
    }

    /// Returns the route, such as `GET /books/{id}`.
    pub fn route(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Returns the properties without the name of the merged tool, so that this name does not select the operation.
    #[must_use]
    pub fn single(&self) -> Self {
        Self { merged: None, ..self.clone() }
    }
}

impl Selector {
    /// Parses a selector such as `listBooks`, `GET /books/*`, `tag:books` or `!effect:read`.
    ///
    /// # Errors
    /// Returns a description of the problem if the text is empty, a path does not begin with `/`, or the effect is
    /// unknown.
    pub fn parse(text: &str) -> Result<Self, String> {
        Ok(Self { text: text.to_owned(), kind: Kind::parse(text, text.trim())? })
    }

    /// Returns the selector in the user's spelling.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the selector begins with `!`.
    pub const fn is_negated(&self) -> bool {
        matches!(self.kind, Kind::Not(_))
    }

    /// Returns the selector without its `!`.
    #[must_use]
    pub fn without_negation(&self) -> Self {
        match &self.kind {
            Kind::Not(inner) => {
                let text = self.text.trim().trim_start_matches('!').to_owned();
                Self { text, kind: (**inner).clone() }
            }
            _ => self.clone(),
        }
    }

    /// Whether the selector depends on the name or the effect of a tool.
    pub fn needs_tool(&self) -> bool {
        match &self.kind {
            Kind::Tool(_) | Kind::Effect(_) => true,
            Kind::Not(inner) => matches!(**inner, Kind::Tool(_) | Kind::Effect(_)),
            _ => false,
        }
    }

    /// Whether the selector is the name of at most one operation.
    pub fn names_one(&self) -> bool {
        match &self.kind {
            Kind::Name(text) | Kind::Tool(text) | Kind::Id(text) => !text.contains('*'),
            Kind::Route { method, path } => !method.contains('*') && !path.contains('*'),
            _ => false,
        }
    }

    /// Whether the selector matches an operation. A plain name matches a tool name or an `operationId`.
    pub fn matches(&self, facts: &Facts<'_>) -> bool {
        self.kind.matches(facts).is_some()
    }

    /// Returns the operations that the selector chooses, each with the specificity of the choice. The name of one
    /// tool may be the `operationId` of another operation; it then chooses only the tool.
    pub fn chosen(&self, operations: &[Facts<'_>]) -> Vec<(usize, Specificity)> {
        let matched = operations.iter().enumerate();
        let mut chosen: Vec<(usize, Specificity)> =
            matched.filter_map(|(at, facts)| Some((at, self.kind.matches(facts)?))).collect();
        let is_tool =
            |specificity: Specificity| matches!(specificity, Specificity::Tool | Specificity::MergedTool);
        if let Kind::Name(_) = self.kind
            && chosen.iter().any(|(_, specificity)| is_tool(*specificity))
        {
            chosen.retain(|(_, specificity)| is_tool(*specificity));
        }
        chosen
    }
}

impl Kind {
    fn parse(whole: &str, text: &str) -> Result<Self, String> {
        if let Some(inner) = text.strip_prefix('!') {
            let inner = Self::parse(whole, inner.trim())?;
            if matches!(inner, Self::Not(_) | Self::All) {
                return Err(format!(
                    "`{whole}` is not a selector: after `!`, write a name, a route or a tag"
                ));
            }
            return Ok(Self::Not(Box::new(inner)));
        }
        if text == "*" {
            return Ok(Self::All);
        }
        let filled = |value: &str| match value.trim() {
            "" => Err(format!("`{whole}` selects nothing")),
            value => Ok(value.to_owned()),
        };
        match text.split_once(':') {
            Some(("tag", tag)) => return filled(tag).map(Self::Tag),
            Some(("tool", name)) => return filled(name).map(Self::Tool),
            Some(("id", id)) => return filled(id).map(Self::Id),
            Some(("method", method)) => return filled(method).map(Self::Method),
            Some(("path", path)) => return Self::path(whole, path.trim()).map(Self::Path),
            Some(("effect", effect)) => {
                let known = [Effect::Read, Effect::Write, Effect::Destroy];
                let effect = known.into_iter().find(|known| known.as_str() == effect.trim());
                return effect.map(Self::Effect).ok_or_else(|| {
                    format!("`{whole}` names no effect: the effects are `read`, `write` and `destroy`")
                });
            }
            _ => {}
        }
        if let Some((method, path)) = text.split_once(char::is_whitespace) {
            let path = Self::path(whole, path.trim())?;
            return Ok(Self::Route { method: method.to_owned(), path });
        }
        match text {
            "" => Err("an empty selector selects nothing".to_owned()),
            path if path.starts_with('/') => Ok(Self::Path(path.to_owned())),
            name => Ok(Self::Name(name.to_owned())),
        }
    }

    fn path(whole: &str, path: &str) -> Result<String, String> {
        match path.starts_with(['/', '*']) {
            true => Ok(path.to_owned()),
            false => Err(format!("`{whole}` is not a route: its path has to start with `/`")),
        }
    }

    fn matches(&self, facts: &Facts<'_>) -> Option<Specificity> {
        let fits = |pattern: &str, text: Option<&str>, exact: Specificity| {
            let specificity = if pattern.contains('*') { Specificity::Pattern } else { exact };
            text.is_some_and(|text| fits_glob(pattern, text)).then_some(specificity)
        };
        match self {
            Self::All => Some(Specificity::All),
            Self::Route { method, path } => {
                let is_exact = !method.contains('*');
                let exact = if is_exact { Specificity::Route } else { Specificity::Pattern };
                fits_glob(method, facts.method).then(|| fits(path, Some(facts.path), exact)).flatten()
            }
            // A merged tool may have the name of one of its operations. The name then selects the merged tool with
            // all its operations.
            Self::Name(name) => fits(name, facts.merged, Specificity::MergedTool)
                .or_else(|| fits(name, facts.tool, Specificity::Tool))
                .or_else(|| fits(name, facts.id, Specificity::OperationId)),
            Self::Tool(name) => fits(name, facts.merged, Specificity::MergedTool)
                .or_else(|| fits(name, facts.tool, Specificity::Tool)),
            Self::Id(id) => fits(id, facts.id, Specificity::OperationId),
            Self::Path(path) => fits(path, Some(facts.path), Specificity::Path),
            Self::Method(method) => fits_glob(method, facts.method).then_some(Specificity::MethodOrEffect),
            Self::Tag(tag) => facts.tags.iter().any(|own| fits_glob(tag, own)).then_some(Specificity::Tag),
            Self::Effect(effect) => (facts.effect == Some(*effect)).then_some(Specificity::MethodOrEffect),
            Self::Not(inner) => inner.matches(facts).is_none().then_some(Specificity::Not),
        }
    }
}
