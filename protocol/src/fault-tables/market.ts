import type { FaultTable } from "./fault-table.ts";

/** The energy market (guide §3.2): what its contract refuses, so that a trading app can tell one from the other. */
export const marketFaults = {
  ORDER_REFUSED: {
    status: 409,
    en: "The market's contract did not take the order; mend what its words name and send it again.",
    zh: "市场合约未接受该订单；请按其说明修改后重新提交。",
  },
  MARKET_UNOPENED: {
    status: 409,
    en: "The market has no rules yet; the operator declares them first.",
    zh: "市场尚未公布规则；须由运营方先行公布。",
  },
  MARKET_RIGHT: {
    status: 403,
    en: "The market's contract leaves this to another role; send it with the operator's key.",
    zh: "市场合约仅允许其他角色执行此操作；请使用运营方密钥提交。",
  },
  ORDER_QUANTITY: {
    status: 400,
    en: "The quantity must be above zero and not above the market's limit.",
    zh: "电量必须大于零且不超过市场上限。",
  },
  ORDER_PRICE: {
    status: 400,
    en: "The price must be a multiple of the tick, from zero to below ticks × tick.",
    zh: "价格必须是最小变动价位的整数倍，且在零与上限之间。",
  },
  ORDER_CLOSED: {
    status: 409,
    en: "The gate of the interval has closed: nothing is ordered or taken back any more; choose a later one.",
    zh: "该时段的交易已关闭，不能再下单或撤单；请选择更晚的时段。",
  },
  ORDER_AHEAD: {
    status: 409,
    en: "The interval is too far ahead; choose one within the market's horizon, or wait.",
    zh: "该时段过于靠后；请选择市场允许范围内的时段，或稍后再试。",
  },
  ORDER_LIMIT: {
    status: 409,
    en: "The meter has as many orders in the interval as the market allows; take one back first.",
    zh: "该电表在此时段的订单数已达上限；请先撤回一个订单。",
  },
  ORDER_TAKEN: {
    status: 409,
    en: "The client id already names another order of this account; choose a new one.",
    zh: "该客户端编号已用于本账户的另一订单；请另选编号。",
  },
  ORDER_METER: {
    status: 403,
    en: "The meter is not registered to this account; the operator registers meters to their owners.",
    zh: "该电表未登记在此账户名下；电表由运营方登记给其所有者。",
  },
  ORDER_UNKNOWN: {
    status: 404,
    en: "This account has placed no order of this client id.",
    zh: "此账户没有该客户端编号的订单。",
  },
  INTERVAL_EARLY: {
    status: 409,
    en: "It is not time yet: clear when the gate has closed, settle when the interval is cleared and over.",
    zh: "尚未到时间：交易关闭后方可出清，出清且时段结束后方可结算。",
  },
  INTERVAL_CLOSED: {
    status: 409,
    en: "The interval is kept no longer: what was settled of it stands.",
    zh: "该时段已不再保留；已有结算结果维持不变。",
  },
  INTERVAL_EMPTY: {
    status: 404,
    en: "Nobody has ordered for this interval.",
    zh: "该时段没有任何订单。",
  },
} as const satisfies FaultTable;
