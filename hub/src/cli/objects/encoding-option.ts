import { encodings } from "@gridledger/protocol/objects/conversions/encodings";
import { Option } from "commander";

/** For texts that are converted; bytes have none. */
export function encodingOption(): Option {
  return new Option(
    "--encoding <name>",
    "of a text that is converted; else UTF-8, or UTF-16 where a mark says so",
  ).choices([...encodings]);
}
