import type { FaultTable } from "./fault-table.ts";

/** Configuration, processes and the command line. */
export const processesFaults = {
  CONFIG_INVALID: { status: 500, en: "The configuration is not valid.", zh: "配置无效。" },
  PORT_IN_USE: {
    status: 500,
    en: "The port is in use; choose another.",
    zh: "端口已被占用；请选择其他端口。",
  },
  HOME_IN_USE: {
    status: 500,
    en: "Another start is running on this home; stop it first or choose another --home.",
    zh: "另一个启动进程正在使用此主目录；请先停止它，或选择其他 --home。",
  },
  HOME_SETTLED: {
    status: 500,
    en: "This was fixed when the home was made; start without the option or choose another --home.",
    zh: "该设置在创建主目录时已确定；请去掉该选项，或选择其他 --home。",
  },
  HUB_UNREACHABLE: {
    status: 503,
    en: "No hub answers at this address; start one or give its --url.",
    zh: "该地址没有枢纽应答；请先启动，或用 --url 指定地址。",
  },
  USAGE_INVALID: {
    status: 400,
    en: "The command line is not complete or not right; --help says more.",
    zh: "命令行不完整或有误；详见 --help。",
  },
  FILE_UNREADABLE: {
    status: 500,
    en: "The file cannot be read or written; check its path, its permissions and the space on the disk.",
    zh: "无法读取或写入该文件；请检查路径、权限和磁盘空间。",
  },
  PROCESS_DOWN: {
    status: 500,
    en: "A process of the network does not start; its log says why.",
    zh: "网络中的一个进程无法启动；原因见其日志。",
  },
} as const satisfies FaultTable;
