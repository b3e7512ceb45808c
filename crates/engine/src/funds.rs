//! The course of the commands about money: assets, and money in, out and across.

use crate::accounts::Act;
use crate::core::{Core, Head, Shape, code_of, say_done, say_duplicate, say_rejected};
use crate::emit::{Emitter, EventSink};
use crate::machine::Keeper;
use crate::refusal::Refusal;
use outcry_protocol::{AssetRecord, CommandKind, FundsRecord, RejectReason as R, SettleRecord};

impl Core {
    pub(crate) fn add_asset<S: EventSink, L: Keeper>(
        &mut self,
        record: &AssetRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let head = Head::without_order(0, 0, record.request_id);
        let shape = record.check().and(with_money::<L>());
        self.answer(head, shape, out, |_, out| {
            out.ledger.add_asset(record)?;
            say_done(0, out);
            Ok(0)
        });
    }

    pub(crate) fn withdraw<S: EventSink, L: Keeper>(
        &mut self,
        record: &FundsRecord,
        out: &mut Emitter<'_, S, L>,
    ) {
        let mut head = Head::without_order(record.account, 0, record.request_id);
        head.act = Some(Act::Withdraw);
        let shape = record.check().and(with_money::<L>());
        self.answer(head, shape, out, |_, out| {
            let kind = CommandKind::Withdraw;
            out.ledger.move_funds(kind, record, out.sequence)?;
            say_done(0, out);
            Ok(0)
        });
    }
}

/// Runs a deposit or a transfer.
pub(crate) fn paid<S: EventSink, L: Keeper>(
    kind: CommandKind,
    record: &FundsRecord,
    out: &mut Emitter<'_, S, L>,
) {
    let shape = record.check();
    answer_source(record.request_id, shape, out, |out| {
        out.ledger.move_funds(kind, record, out.sequence)
    });
}

/// Runs the end of a withdrawal.
pub(crate) fn settle_withdrawal<S: EventSink, L: Keeper>(
    record: &SettleRecord,
    out: &mut Emitter<'_, S, L>,
) {
    answer_source(record.source, record.check(), out, |out| {
        out.ledger.settle_withdrawal(record)
    });
}

/// Checks shape and source of money in or out, executes, says how it went, and notes the answer
/// under the source's number; not for an account that is not there.
fn answer_source<S: EventSink, L: Keeper>(
    source: [u64; 2],
    shape: Shape,
    out: &mut Emitter<'_, S, L>,
    execute: impl FnOnce(&mut Emitter<'_, S, L>) -> Result<(), Refusal>,
) {
    let head = Head::without_order(0, 0, [0; 2]);
    if let Err(reason) = shape.and(with_money::<L>()) {
        return say_rejected(head, reason.into(), out);
    }
    match out.ledger.find_source(source) {
        Err(refusal) => return say_rejected(head, refusal, out),
        Ok(Some(first)) => return say_duplicate(0, first, out),
        Ok(None) => {}
    }
    let result = execute(out);
    match result {
        Ok(()) => say_done(0, out),
        Err(refusal) => say_rejected(head, refusal, out),
    }
    let code = code_of(result.map(|()| 0));
    if code != R::UnknownAccount as u16 {
        out.ledger.note_source(source, out.sequence, code);
    }
}

/// `not_supported` in a machine without money.
fn with_money<L: Keeper>() -> Shape {
    if L::KEEPS {
        Ok(())
    } else {
        Err(R::NotSupported)
    }
}
