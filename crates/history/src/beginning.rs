//! A history that begins late: with what is open in the oldest state that can be followed.

use outcry_engine::{Engine, ListView, OrderView, Place};
use outcry_protocol::{ListState, Text};

use crate::accounts::Account;
use crate::fold::Fold;
use crate::lists::List;
use crate::order::{Order, OrderState};
use crate::steps::Steps;

impl Fold {
    /// A fold that begins behind the last command of an engine: with its instruments and accounts,
    /// and with its open orders and living lists as they stand.
    ///
    /// What an engine does not keep of an open order is not known of it: what was lost to its own
    /// group counts as filled, its rates are those that its account has now, and without money
    /// its times are none.
    #[must_use]
    pub fn behind(engine: &Engine) -> Self {
        let mut fold = Self::new(engine.sequence(), engine.time_ns(), engine.digest().0);
        if engine.sequence() > 0 {
            fold.begin_within_a_minute();
        }
        for record in engine.instruments() {
            fold.begin_steps(Steps::of(record, 0));
        }
        for account in engine.accounts() {
            fold.begin_account(Account {
                account: account.account,
                group: account.group,
                maker_rate_ppm: account.maker_rate_ppm,
                taker_rate_ppm: account.taker_rate_ppm,
                state: account.state as u8,
            });
        }
        for list in engine.open_lists(0, 0, usize::MAX) {
            fold.begin_list(list_of(&list));
        }
        for order in engine.account_orders(0, 0, usize::MAX) {
            let legs = engine.order_list(order.list_id).map(|list| list.order_ids);
            fold.begin_order(order_of(&order, legs));
        }
        fold
    }
}

fn list_of(view: &ListView) -> List {
    List {
        list_id: view.list_id,
        instrument: view.instrument,
        account: view.account,
        list_type: view.list_type as u8,
        state: ListState::Executing as u8,
        entered_ns: 0,
        changed_ns: 0,
        order_ids: view.order_ids,
        client_list_id: Text::EMPTY,
    }
}

fn order_of(view: &OrderView, legs: Option<[u64; 3]>) -> Order {
    let state = match view.place {
        Place::Waiting => OrderState::Waiting,
        Place::Pending => OrderState::Pending,
        Place::Resting | Place::Queued => OrderState::Open,
    };
    let leg = legs.and_then(|legs| legs.iter().position(|leg| *leg == view.order_id));
    let is_open = state == OrderState::Open;
    Order {
        order_id: view.order_id,
        steps: 0,
        instrument: view.instrument,
        account: view.account,
        side: view.side as u8,
        order_type: view.order_type as u8,
        time_in_force: view.time_in_force as u8,
        self_trade: view.self_trade as u8,
        post_only: view.post_only,
        state,
        cancel_code: 0,
        price_ticks: view.price_ticks,
        quantity_lots: view.open_lots + view.done_lots,
        amount: 0,
        filled_lots: view.done_lots,
        prevented_lots: 0,
        value: view.traded_value,
        stop: if view.distance == 0 {
            view.stop_ticks
        } else {
            view.distance
        },
        stop_unit: view.stop_unit as u8,
        trigger: view.trigger.map_or(0, |trigger| trigger as u8),
        display_lots: view.display_lots,
        entered_ns: view.entered_ns,
        changed_ns: view.changed_ns,
        working_ns: if is_open { view.entered_ns } else { 0 },
        expire_ns: view.expire_time_ns,
        entered_sequence: 0,
        changed_sequence: 0,
        maker_rate_ppm: 0,
        taker_rate_ppm: 0,
        list_id: view.list_id,
        leg: leg.unwrap_or_default() as u8,
        client_order_id: view.client_order_id,
    }
}
