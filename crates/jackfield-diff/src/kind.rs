//! The kinds of changes, with codes that stay the same between versions.

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

            /// The code in reports. It never changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }
        }
    };
}

kinds! {
    /// A tool is new.
    ToolAdded = "tool-added";
    /// A tool is gone.
    ToolRemoved = "tool-removed";
    /// A tool with the same route has another name.
    ToolRenamed = "tool-renamed";
    /// A tool sends its request to another method or path.
    Route = "route";
    /// A tool has another effect on the service.
    Effect = "effect";
    /// A tool waits for approval more or less often.
    Approval = "approval";
    /// A tool is marked as deprecated, or no longer.
    Deprecated = "deprecated";
    /// Requests of a tool are repeated after failures, or no longer.
    Idempotent = "idempotent";
    /// The pages of a list are requested in another way.
    Paging = "paging";
    /// The status of a job that a tool starts is read in another way.
    Job = "job";
    /// Replies of a tool are cached, or no longer, or for another time.
    Caching = "caching";
    /// An argument is new.
    ArgumentAdded = "argument-added";
    /// An argument is gone.
    ArgumentRemoved = "argument-removed";
    /// An argument that sets the same part of the request has another name.
    ArgumentRenamed = "argument-renamed";
    /// An argument that was optional or did not exist is required.
    ArgumentRequired = "argument-required";
    /// An argument that was required is optional.
    ArgumentOptional = "argument-optional";
    /// An argument takes fewer values.
    ArgumentNarrowed = "argument-narrowed";
    /// An argument takes more values.
    ArgumentWidened = "argument-widened";
    /// An argument takes other values, or the values cannot be compared.
    ArgumentChanged = "argument-changed";
    /// An argument has another default value.
    ArgumentDefault = "argument-default";
    /// An argument is described in other words.
    ArgumentText = "argument-text";
    /// The arguments have another order.
    ArgumentOrder = "argument-order";
    /// An argument is sent in another way.
    Wire = "wire";
    /// A part of the request that no argument sets changed.
    Request = "request";
    /// The request has a body of another media type.
    MediaType = "media-type";
    /// Other media types of replies are accepted.
    Accept = "accept";
    /// A reply has a value that it did not have.
    ReplyAdded = "reply-added";
    /// A reply does not have a value that it had.
    ReplyRemoved = "reply-removed";
    /// A value of a reply may have other values.
    ReplyChanged = "reply-changed";
    /// A tool declares another output schema.
    Output = "output";
    /// A tool needs other credentials.
    Credentials = "credentials";
    /// A tool needs other scopes.
    Scopes = "scopes";
    /// A security scheme is new, gone or different.
    Scheme = "scheme";
    /// Another origin can be reached, or one no longer.
    Origin = "origin";
    /// Requests have another base URL.
    Server = "server";
    /// Other certificate authorities are trusted.
    Authorities = "authorities";
    /// A header is sent with every request, or no longer.
    Header = "header";
    /// A setting is sent with requests, or no longer, or has another value.
    Setting = "setting";
    /// Values of replies are redacted, or no longer.
    Redaction = "redaction";
    /// Replies are reduced by other rules.
    ReplyRule = "reply-rule";
    /// Calls are limited in another way.
    Rate = "rate";
    /// Calls wait for another time.
    Timeout = "timeout";
    /// Requests are repeated more or less often.
    Retry = "retry";
    /// Operations are merged into one tool, or no longer.
    Merge = "merge";
    /// Clients see other tools of the connector.
    Surface = "surface";
    /// A prompt is new, gone or different.
    Prompt = "prompt";
    /// A tool is read as a resource, or no longer, or at another address.
    Resource = "resource";
    /// Clients can read pages about the connector, or no longer.
    Documentation = "documentation";
    /// The connector has another name.
    ConnectorName = "connector-name";
    /// A tool belongs to another group.
    Group = "group";
    /// A title or description changed.
    Text = "text";
    /// A digest in the lock changed, and the lock does not contain the reason.
    Digest = "digest";
}
