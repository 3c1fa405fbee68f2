//! What a consumer implements and registers: `Handler`, `handler`, and a namespace's `handlers`.

use proc_macro2::TokenStream;
use quote::quote;
use soniq_schema::contract::{Contract, Task};

use super::ident;

/// The `Handler` trait of one task and the function that takes the types off one.
pub(super) fn handler(task: &Task) -> TokenStream {
    let trait_docs = format!(" Runs jobs of `{}`.", task.name);
    let mut upgrades = TokenStream::new();
    let mut passed_on = TokenStream::new();
    let mut clones = TokenStream::new();
    let mut retired = TokenStream::new();
    for version in &task.retired {
        let method = ident(&format!("upgrade_v{}", version.version));
        let module = ident(&format!("v{}", version.version));
        let name = &version.name;
        let docs = format!(
            " Brings the arguments of a row of version {} up to version {}.",
            version.version, task.version
        );
        upgrades.extend(quote! {
            #[doc = #docs]
            ///
            /// # Errors
            /// Whatever keeps the row from being run; see [`JobError`](::soniq_runtime::JobError).
            fn #method(&self, old: #module::Args) -> Result<Args, ::soniq_runtime::JobError>;
        });
        passed_on.extend(quote! {
            fn #method(&self, old: #module::Args) -> Result<Args, ::soniq_runtime::JobError> {
                H::#method(self, old)
            }
        });
        clones.extend(quote!(let #method = ::std::sync::Arc::clone(&handler);));
        retired.extend(quote! {
            .retired(#name, move |old: #module::Args| H::#method(&#method, old))
        });
    }
    quote! {
        #[doc = #trait_docs]
        pub trait Handler: Send + Sync + 'static {
            /// Runs one job. `Ok` completes it; `?` on any error has it tried again.
            fn handle(
                &self,
                args: Args,
                ctx: &::soniq_runtime::JobContext,
            ) -> impl ::core::future::Future<Output = Result<Output, ::soniq_runtime::JobError>> + Send;

            #upgrades
        }

        impl<H: Handler> Handler for ::std::sync::Arc<H> {
            fn handle(
                &self,
                args: Args,
                ctx: &::soniq_runtime::JobContext,
            ) -> impl ::core::future::Future<Output = Result<Output, ::soniq_runtime::JobError>> + Send
            {
                H::handle(self, args, ctx)
            }

            #passed_on
        }

        /// Has a worker run this task's jobs with `handler`.
        pub fn handler<H: Handler>(handler: H) -> ::soniq_runtime::TaskHandler {
            let handler = ::std::sync::Arc::new(handler);
            #clones
            ::soniq_runtime::TaskHandlerBuilder::new(move |args: Args, ctx| {
                let handler = ::std::sync::Arc::clone(&handler);
                async move { H::handle(&handler, args, &ctx).await }
            })
            #retired
            .build()
        }
    }
}

/// `handlers(..)`: one state for all tasks of the namespace.
pub(super) fn handlers(contract: &Contract, modules: &[String]) -> TokenStream {
    if contract.tasks.is_empty() {
        return TokenStream::new();
    }
    let modules: Vec<_> = modules.iter().map(|name| ident(name)).collect();
    let docs = format!(
        " Has a worker run the jobs of every task of `{}` with one handler.",
        contract.namespace
    );
    quote! {
        #[doc = #docs]
        ///
        /// A task that the contract gains must be handled before this compiles again.
        pub fn handlers<H>(handler: H) -> ::soniq_runtime::Handlers
        where
            H: #(#modules::Handler)+*,
        {
            let handler = ::std::sync::Arc::new(handler);
            ::soniq_runtime::Handlers::from(Vec::from([
                #(#modules::handler(::std::sync::Arc::clone(&handler))),*
            ]))
        }
    }
}
