//! The constants of a task: what the runtime needs to know of it beside its arguments.

use std::time::Duration;

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use soniq_schema::contract::{Backoff, CatchUp, Retry, Schedule, Task, TemplatePart, Trigger};
use soniq_schema::json_schema::{SchemaId, SchemaRef};

use super::literal::{grouped, json_text};
use super::{Scope, ident};
use crate::shape::{ItemId, ItemKind, Presence, Shape, TaskShapes};

impl Scope<'_> {
    /// `SPEC`, `TASK` and `impl TaskArgs`.
    pub(super) fn task(self, task: &Task, shapes: &TaskShapes) -> TokenStream {
        let name = &task.name;
        let version = Literal::u32_unsuffixed(task.version);
        let args = self.input.contracts.schemas.get(task.args);
        let fingerprint = soniq_schema::fingerprint(args);
        let options = self.options(task);
        let dedup_key = task.dedup_key.as_ref().map(|template| {
            let key = self.key(&template.parts, shapes.args);
            quote! {
                fn dedup_key(&self) -> Option<String> {
                    Some(#key)
                }
            }
        });
        let docs = self.input.docs(
            None,
            &format!("The task `{name}`: its name, version and defaults."),
            &task.location,
        );
        quote! {
            static SPEC: ::soniq_runtime::TaskSpec =
                ::soniq_runtime::TaskSpec::new(#name, #version, #fingerprint) #options;

            #docs
            pub const TASK: ::soniq_runtime::TaskRef<Args> = ::soniq_runtime::TaskRef::new(&SPEC);

            impl ::soniq_runtime::TaskArgs for Args {
                const TASK: ::soniq_runtime::TaskRef<Self> = TASK;

                #dedup_key
            }
        }
    }

    fn options(self, task: &Task) -> TokenStream {
        let mut out = TokenStream::new();
        if let Some(queue) = &task.queue {
            out.extend(quote!(.queue(#queue)));
        }
        if let Some(priority) = task.priority {
            let priority = Literal::u16_unsuffixed(priority);
            out.extend(quote!(.priority(#priority)));
        }
        if let Some(timeout) = task.timeout {
            let timeout = duration(timeout);
            out.extend(quote!(.timeout(#timeout)));
        }
        if let Some(ttl) = task.result_ttl {
            let ttl = duration(ttl);
            out.extend(quote!(.result_ttl(#ttl)));
        }
        if task.retry != Retry::default() {
            let retry = retry(&task.retry);
            out.extend(quote!(.retry(#retry)));
        }
        if task.unique {
            out.extend(quote!(.unique()));
        }
        if !task.aliases.is_empty() {
            let aliases = &task.aliases;
            out.extend(quote!(.aliases(&[#(#aliases),*])));
        }
        if let Some(schedule) = &task.schedule {
            let args = self.input.contracts.schemas.get(task.args);
            let schedule = scheduled(schedule, args);
            out.extend(quote!(.schedule(#schedule)));
        }
        out
    }

    /// `format!(..)` of a key's template. A field is written as JSON has it, without quotes.
    fn key(self, parts: &[TemplatePart], args: ItemId) -> TokenStream {
        let mut text = String::new();
        let mut values = Vec::new();
        for part in parts {
            match part {
                TemplatePart::Literal(literal) => {
                    text.push_str(&literal.replace('{', "{{").replace('}', "}}"));
                }
                TemplatePart::Field(path) => {
                    text.push_str("{}");
                    values.push(self.key_field(path, args).unwrap_or_else(|| {
                        let message = format!("{} has no text for a key", path.join("."));
                        quote!(compile_error!(#message))
                    }));
                }
            }
        }
        if values.is_empty() {
            let text = text.replace("{{", "{").replace("}}", "}");
            quote!(#text.to_owned())
        } else {
            quote!(format!(#text, #(#values),*))
        }
    }

    /// A field of the arguments as something with the right `Display`; `None` if it has none.
    pub(crate) fn key_field(self, path: &[String], args: ItemId) -> Option<TokenStream> {
        let mut expression = quote!(self);
        let mut shape = &Shape::Item(args);
        for key in path {
            let ItemKind::Struct(fields) = &self.input.shapes.item(self.named(shape)?).kind else {
                return None;
            };
            let field = fields.fields.iter().find(|field| field.key == *key)?;
            if field.presence == Presence::Optional {
                return None;
            }
            let name = ident(&field.ident);
            expression = quote!(#expression.#name);
            shape = &field.shape;
        }
        match self.through_aliases(shape) {
            Shape::Text | Shape::Uuid | Shape::Date | Shape::Int(_) | Shape::Bool => {
                Some(expression)
            }
            Shape::DateTime => Some(quote! {
                #expression.to_rfc3339_opts(::soniq_runtime::__private::SecondsFormat::AutoSi, true)
            }),
            Shape::Item(id) => {
                matches!(self.input.shapes.item(*id).kind, ItemKind::Enum(_)).then_some(expression)
            }
            _ => None,
        }
    }

    /// The schema of the last field on the way, as far as fields lead.
    pub(crate) fn last_field(self, path: &[String], args: ItemId) -> Option<SchemaId> {
        let mut shape = &Shape::Item(args);
        let mut last = None;
        for key in path {
            let Some(id) = self.named(shape) else { break };
            let ItemKind::Struct(fields) = &self.input.shapes.item(id).kind else {
                break;
            };
            let field = fields.fields.iter().find(|field| field.key == *key)?;
            last = Some(field.schema);
            shape = &field.shape;
        }
        last
    }

    fn named(self, shape: &Shape) -> Option<ItemId> {
        match self.through_aliases(shape) {
            Shape::Item(id) => Some(*id),
            Shape::Boxed(inner) => self.named(inner),
            _ => None,
        }
    }

    pub(super) fn through_aliases<'s>(self, shape: &'s Shape) -> &'s Shape
    where
        Self: 's,
    {
        let mut shape = shape;
        while let Shape::Item(id) = shape
            && let ItemKind::Alias(inner) = &self.input.shapes.item(*id).kind
        {
            shape = inner;
        }
        shape
    }
}

fn retry(retry: &Retry) -> TokenStream {
    let mut fields = Vec::new();
    if let Some(attempts) = retry.max_attempts {
        let attempts = Literal::u32_unsuffixed(attempts);
        fields.push(quote!(max_attempts: Some(#attempts)));
    }
    if let Some(backoff) = &retry.backoff {
        let backoff = match backoff {
            Backoff::Fixed(delay) => {
                let delay = duration(*delay);
                quote!(Fixed(#delay))
            }
            Backoff::Exponential(delay) => {
                let delay = duration(*delay);
                quote!(Exponential(#delay))
            }
            Backoff::List(delays) => {
                let delays = delays.iter().map(|delay| duration(*delay));
                quote!(List(&[#(#delays),*]))
            }
        };
        fields.push(quote!(backoff: ::soniq_runtime::Backoff::#backoff));
    }
    if let Some(max_delay) = retry.max_delay {
        let max_delay = duration(max_delay);
        fields.push(quote!(max_delay: #max_delay));
    }
    if let Some(jitter) = retry.jitter {
        fields.push(quote!(jitter: #jitter));
    }
    let rest = (fields.len() < 4).then(|| quote!(..::soniq_runtime::RetrySpec::DEFAULT));
    quote!(::soniq_runtime::RetrySpec { #(#fields,)* #rest })
}

fn scheduled(schedule: &Schedule, args: SchemaRef<'_>) -> TokenStream {
    let trigger = match &schedule.trigger {
        Trigger::Cron(expression) => quote!(Cron(#expression)),
        Trigger::Every(interval) => {
            let interval = duration(*interval);
            quote!(Every(#interval))
        }
    };
    let timezone = schedule
        .timezone
        .as_ref()
        .map_or_else(|| quote!(None), |name| quote!(Some(#name)));
    let catch_up = match schedule.catch_up {
        None | Some(CatchUp::One) => quote!(One),
        Some(CatchUp::All) => quote!(All),
        Some(CatchUp::None) => quote!(None),
    };
    let mut value = schedule.args.clone();
    soniq_schema::fill_defaults(args, &mut value);
    let text = json_text(&value);
    quote! {
        ::soniq_runtime::ScheduleSpec {
            trigger: ::soniq_runtime::Trigger::#trigger,
            timezone: #timezone,
            catch_up: ::soniq_runtime::CatchUp::#catch_up,
            args: #text,
        }
    }
}

/// In the largest unit that is exact.
fn duration(duration: Duration) -> TokenStream {
    if duration.subsec_nanos() == 0 {
        let seconds = grouped(duration.as_secs().into(), "");
        quote!(::core::time::Duration::from_secs(#seconds))
    } else {
        let seconds = grouped(duration.as_secs().into(), "");
        let nanos = grouped(duration.subsec_nanos().into(), "");
        quote!(::core::time::Duration::new(#seconds, #nanos))
    }
}
