//! The kinds of changes, with codes that never change between versions.

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
        /// A kind of change.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $name,)*
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the code that reports contain. It never changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

kinds! {
    /// A tool was added.
    ToolAdded = "tool-added";
    /// A tool was removed.
    ToolRemoved = "tool-removed";
    /// A tool was renamed; its route is the same.
    ToolRenamed = "tool-renamed";
    /// A tool sends its request to another method or path.
    Route = "route";
    /// A tool has another effect on the service.
    Effect = "effect";
    /// A tool waits for approval more or less often.
    Approval = "approval";
    /// A tool was marked as deprecated, or the mark was removed.
    Deprecated = "deprecated";
    /// Requests of a tool may now be repeated after failures, or may no longer be repeated.
    Idempotent = "idempotent";
    /// The pagination of an operation changed.
    Paging = "paging";
    /// The way in which the status of a job is read changed.
    Job = "job";
    /// The caching of a tool's replies changed.
    Caching = "caching";
    /// An argument was added.
    ArgumentAdded = "argument-added";
    /// An argument was removed.
    ArgumentRemoved = "argument-removed";
    /// An argument was renamed; it sets the same part of the request.
    ArgumentRenamed = "argument-renamed";
    /// An optional argument became required, or a required argument was added.
    ArgumentRequired = "argument-required";
    /// A required argument became optional.
    ArgumentOptional = "argument-optional";
    /// An argument takes fewer values.
    ArgumentNarrowed = "argument-narrowed";
    /// An argument takes more values.
    ArgumentWidened = "argument-widened";
    /// An argument takes other values, or the accepted values cannot be compared.
    ArgumentChanged = "argument-changed";
    /// The default value of an argument changed.
    ArgumentDefault = "argument-default";
    /// The description of an argument changed.
    ArgumentText = "argument-text";
    /// The order of the arguments changed.
    ArgumentOrder = "argument-order";
    /// The part of the request in which an argument is sent changed.
    Wire = "wire";
    /// A part of the request changed that no argument sets.
    Request = "request";
    /// The media type of the request body changed.
    MediaType = "media-type";
    /// The accepted media types of replies changed.
    Accept = "accept";
    /// A value was added to a reply.
    ReplyAdded = "reply-added";
    /// A value was removed from a reply.
    ReplyRemoved = "reply-removed";
    /// The allowed values of a part of a reply changed.
    ReplyChanged = "reply-changed";
    /// The declared output schema of a tool changed.
    Output = "output";
    /// The credentials that a tool needs changed.
    Credentials = "credentials";
    /// The scopes that a tool needs changed.
    Scopes = "scopes";
    /// A security scheme was added, removed or changed.
    Scheme = "scheme";
    /// An origin that requests or credentials can reach was added or removed.
    Origin = "origin";
    /// The base URL of requests changed.
    Server = "server";
    /// The trusted certificate authorities changed.
    Authorities = "authorities";
    /// A header of every request was added, removed or changed.
    Header = "header";
    /// A setting that is sent with requests was added, removed or changed.
    Setting = "setting";
    /// A value of replies is now redacted, or is no longer redacted.
    Redaction = "redaction";
    /// A rule that reduces replies changed.
    ReplyRule = "reply-rule";
    /// A limit on calls changed.
    Rate = "rate";
    /// A time limit of calls changed.
    Timeout = "timeout";
    /// A limit on retries changed.
    Retry = "retry";
    /// A merged tool was added, removed or changed.
    Merge = "merge";
    /// The tools that clients see by default changed.
    Surface = "surface";
    /// A prompt was added, removed or changed.
    Prompt = "prompt";
    /// The resource of a tool was added, removed or changed.
    Resource = "resource";
    /// Clients can now read pages about the connector, or can no longer read them.
    Documentation = "documentation";
    /// The name of the connector changed.
    ConnectorName = "connector-name";
    /// A tool moved to another group.
    Group = "group";
    /// A title or description changed.
    Text = "text";
    /// A new text of another server's list contains an instruction for a model, or characters that people cannot see.
    Instruction = "instruction";
    /// A hint by which a server describes the behaviour of a tool changed.
    Annotation = "annotation";
    /// A part of a list entry changed that no other kind names.
    Member = "member";
    /// A capability of a server was added, removed or changed.
    Capability = "capability";
    /// A digest in jackfield.lock changed, and the lock does not contain the reason.
    Digest = "digest";
}
