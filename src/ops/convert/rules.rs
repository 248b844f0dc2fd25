use crate::report::{Rule, Severity};

/// The rules about what another format cannot say.
pub const RULES: &[&Rule] = &[&FORM_LOST, &MEANING_CHANGES, &NOT_REPRESENTABLE];

/// A value that the format has no way to write.
pub(super) static NOT_REPRESENTABLE: Rule = Rule {
    id: "not-representable",
    severity: Severity::Error,
    summary: "a value that the other format cannot hold",
    docs: "Formats can say different things. TOML has no null, no list or single value as a whole \
document, and whole numbers of 64 bits at most. JSON has no infinity. JSON and TOML have one \
document in a file.

```yaml
cache:
  ttl: null      # TOML has nothing to write here
  limit: .inf    # nor has JSON here
```

Nothing is written, so that nothing is lost unseen.

**What to do.** Set another value; or convert with `--lossy`, which leaves out what is null and \
writes as text what is infinite. `--document 1` chooses one of several documents.",
};

/// A value that is something else in the other format.
pub(super) static MEANING_CHANGES: Rule = Rule {
    id: "meaning-changes",
    severity: Severity::Error,
    summary: "a value that means something else in the other format",
    docs: "The value can be written, but a program will take it for something else: a tag such as \
`!Ref` is gone and leaves its value bare; a date of TOML becomes a text, as does a key that was a \
number; a word such as `no`, which older readers of YAML take for false, is a text for certain.

```yaml
role: !Ref AdminRole     # becomes the text \"AdminRole\"
8080: http               # becomes the key \"8080\"
debug: no                # becomes the text \"no\"
```

What is lost, as a tag is, is an error; with `--lossy`, a warning. What is only read otherwise \
is a warning.

**What to do.** Look at the places named, and say there what is meant.",
};

/// Something that makes no difference to a program.
pub(super) static FORM_LOST: Rule = Rule {
    id: "form-lost",
    severity: Severity::Info,
    summary: "something that a person wrote and a program does not see is lost",
    docs: "All values are there, and the text that a person reads has lost something: comments, \
which JSON has not; anchors and aliases, which only YAML has, so that values are written out where \
they are used; the spelling of a number; the order of keys, since in TOML settings stand before \
tables.

```yaml
base: &base { retries: 3 }
web: *base               # becomes `web: { retries: 3 }`
mask: 0x1F               # becomes 31 in JSON
```

**What to do.** Nothing, if nobody misses it. Between YAML and TOML comments are kept.",
};
