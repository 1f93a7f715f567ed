//! The names of the options of `serve`, and what each option requires.

/// An option of `serve`.
pub(super) struct ServeFlag {
    pub(super) name: &'static str,
    /// Whether the option takes the next word as its value.
    pub(super) has_value: bool,
    /// Whether the option requires `--http`.
    pub(super) needs_http: bool,
    /// Whether the option requires the cargo feature `serve`.
    pub(super) needs_feature: bool,
    pub(super) may_repeat: bool,
}

const fn flag(name: &'static str) -> ServeFlag {
    ServeFlag { name, has_value: true, needs_http: false, needs_feature: false, may_repeat: false }
}

impl ServeFlag {
    const fn without_value(self) -> Self {
        Self { has_value: false, ..self }
    }

    const fn http(self) -> Self {
        Self { needs_http: true, ..self }
    }

    const fn feature(self) -> Self {
        Self { needs_feature: true, ..self }
    }

    const fn repeated(self) -> Self {
        Self { may_repeat: true, ..self }
    }
}

/// All options.
pub(super) const FLAGS: &[ServeFlag] = &[
    flag("--approval-minutes"),
    flag("--ask"),
    flag("--audience").http().feature(),
    flag("--audit").feature(),
    flag("--audit-arguments").feature(),
    flag("--audit-keep").feature(),
    flag("--concurrent"),
    flag("--credentials").feature(),
    flag("--drain").http(),
    flag("--encoder"),
    flag("--http"),
    flag("--http-auth").http(),
    flag("--http-token-file").http(),
    flag("--idle-timeout").http(),
    flag("--issuer").http().feature(),
    flag("--max-body").http(),
    flag("--max-connections").http(),
    flag("--max-headers").http(),
    flag("--max-new-connections").http(),
    flag("--max-requests").http(),
    flag("--max-sessions").http(),
    flag("--metrics").http().feature(),
    flag("--public-url").http().feature(),
    flag("--rate"),
    flag("--read-only").without_value(),
    flag("--read-timeout").http(),
    flag("--scope").http().feature().repeated(),
    flag("--surface"),
    flag("--tls-cert").http(),
    flag("--tls-key").http(),
    flag("--trusted-proxy").http(),
];

/// Returns the option `name`.
pub(super) fn find(name: &str) -> Option<&'static ServeFlag> {
    FLAGS.iter().find(|flag| flag.name == name)
}
