import { useState } from 'react';
import type { FormEvent } from 'react';

import { describeFields } from '../../api.ts';

export type FormProblem = ReturnType<typeof describeFields>;

const noProblem: FormProblem = { fields: {}, rest: null };

/**
 * A form that is sent once at a time: `submit` gets its fields, and what it throws becomes the problem under them.
 * `onSubmit` belongs to the form element.
 */
export function useForm(submit: (form: FormData) => Promise<void>) {
  const [isWorking, setIsWorking] = useState(false);
  const [problem, setProblem] = useState(noProblem);
  const run = async (form: FormData) => {
    setIsWorking(true);
    setProblem(noProblem);
    try {
      await submit(form);
    } catch (error) {
      setProblem(describeFields(error));
    } finally {
      setIsWorking(false);
    }
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isWorking) void run(new FormData(event.currentTarget));
  };
  return { isWorking, problem, onSubmit };
}
