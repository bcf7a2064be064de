import { useSignal } from "@preact/signals";

/** A form's one action: runs it, tells while it runs and keeps what it threw. */
export function useSubmit(action: () => Promise<void>) {
  const busy = useSignal(false);
  const error = useSignal<unknown>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    if (busy.value) return;
    busy.value = true;
    error.value = null;
    try {
      await action();
    } catch (thrown) {
      error.value = thrown;
    } finally {
      busy.value = false;
    }
  };
  return { busy: busy.value, error: error.value, submit: (event: Event) => void submit(event) };
}
