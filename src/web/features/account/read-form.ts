/** The fields of an account form as text; absent ones are empty, names and addresses without white space around. */
export function readForm(form: FormData) {
  const read = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  };
  return {
    username: read('username').trim(),
    email: read('email').trim(),
    password: read('password'),
    otp: read('otp').trim(),
    knowledge: read('knowledge') === 'sample' ? ('sample' as const) : ('empty' as const),
  };
}
